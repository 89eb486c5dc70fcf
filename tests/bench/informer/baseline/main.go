// SPDX-License-Identifier: Apache-2.0

// The rival of the informer benchmark: client-go's shared informer on pods by protobuf, in its
// strongest forms, and the load both are measured under.
//
//	baseline KUBECONFIG watch lean|stripped|plain   sync, then answer "mark" lines on standard input
//	baseline KUBECONFIG load N                      create N realistic pods
//	baseline KUBECONFIG churn RATE SECONDS N        change these pods' status at RATE a second
//
// lean keeps only the fields a memory recommender needs; stripped drops managedFields; plain does so
// too, and lists instead of streaming the list.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if len(os.Args) < 4 {
		fail("usage: baseline KUBECONFIG watch|load|churn …")
	}
	switch os.Args[2] {
	case "watch":
		watch(os.Args[3])
	case "load":
		load(number(os.Args[3]))
	case "churn":
		churn(number(os.Args[3]), number(os.Args[4]), number(os.Args[5]))
	default:
		fail("unknown command " + os.Args[2])
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "baseline:", message)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	return n
}

func connect(userAgent string) kubernetes.Interface {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	config.QPS = -1
	config.UserAgent = userAgent
	config.WarningHandler = rest.NoWarnings{}
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	check(err)
	return client
}

// --- the informer ---

func stripped(object any) (any, error) {
	pod := object.(*corev1.Pod)
	pod.ManagedFields = nil
	return pod, nil
}

// lean builds a pod of the fields that the C++ store keeps, so that nothing else is held.
func lean(object any) (any, error) {
	pod := object.(*corev1.Pod)
	small := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID, ResourceVersion: pod.ResourceVersion,
			Generation: pod.Generation, CreationTimestamp: pod.CreationTimestamp,
			DeletionTimestamp: pod.DeletionTimestamp, Labels: pod.Labels, OwnerReferences: pod.OwnerReferences,
		},
		Spec: corev1.PodSpec{NodeName: pod.Spec.NodeName},
		Status: corev1.PodStatus{Phase: pod.Status.Phase, QOSClass: pod.Status.QOSClass, PodIP: pod.Status.PodIP,
			Reason: pod.Status.Reason},
	}
	container := func(c corev1.Container) corev1.Container {
		return corev1.Container{Name: c.Name, Image: c.Image, Resources: memoryOnly(c.Resources), ResizePolicy: c.ResizePolicy, RestartPolicy: c.RestartPolicy}
	}
	for _, c := range pod.Spec.Containers {
		small.Spec.Containers = append(small.Spec.Containers, container(c))
	}
	for _, c := range pod.Spec.InitContainers {
		small.Spec.InitContainers = append(small.Spec.InitContainers, container(c))
	}
	for _, c := range pod.Status.Conditions {
		if strings.HasPrefix(string(c.Type), "PodResize") || c.Type == corev1.PodReady {
			small.Status.Conditions = append(small.Status.Conditions, c)
		}
	}
	for _, s := range pod.Status.ContainerStatuses {
		var given *corev1.ResourceRequirements
		if s.Resources != nil {
			only := memoryOnly(*s.Resources)
			given = &only
		}
		small.Status.ContainerStatuses = append(small.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: s.Name, State: state(s.State), LastTerminationState: s.LastTerminationState,
			ContainerID: s.ContainerID, Resources: given,
		})
	}
	return small, nil
}

func memoryOnly(r corev1.ResourceRequirements) corev1.ResourceRequirements {
	only := func(list corev1.ResourceList) corev1.ResourceList {
		memory, has := list[corev1.ResourceMemory]
		if !has {
			return nil
		}
		return corev1.ResourceList{corev1.ResourceMemory: memory}
	}
	return corev1.ResourceRequirements{Limits: only(r.Limits), Requests: only(r.Requests)}
}

var (
	waiting = &corev1.ContainerStateWaiting{}
	running = &corev1.ContainerStateRunning{}
)

// state tells which of the three it is, and of an end all.
func state(s corev1.ContainerState) corev1.ContainerState {
	if s.Waiting != nil {
		s.Waiting = waiting
	}
	if s.Running != nil {
		s.Running = running
	}
	return s
}

func watch(form string) {
	if form == "plain" {
		check(os.Setenv("KUBE_FEATURE_WatchListClient", "false"))
	}
	transform := stripped
	if form == "lean" {
		transform = lean
	}
	factory := informers.NewSharedInformerFactoryWithOptions(connect("informer-bench"), 0, informers.WithTransform(transform))
	informer := factory.Core().V1().Pods().Informer()
	var events atomic.Int64
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		UpdateFunc: func(_, _ any) { events.Add(1) },
	})
	check(err)
	stop := make(chan struct{})
	started := time.Now()
	factory.Start(stop)
	cache.WaitForCacheSync(stop, informer.HasSynced)
	report("synced", len(informer.GetStore().ListKeys()), events.Load(), time.Since(started))
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		switch input.Text() {
		case "settle":
			runtime.GC()
			debug.FreeOSMemory()
			fallthrough
		case "mark":
			report(input.Text(), len(informer.GetStore().ListKeys()), events.Load(), time.Since(started))
		}
	}
}

// report prints what this process has used so far.
func report(what string, objects int, events int64, wall time.Duration) {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	fmt.Printf("%s objects=%d events=%d cpu=%.3f rss_kib=%d wall=%.3f\n", what, objects, events, cpu.Seconds(), rss(), wall.Seconds())
}

func rss() int {
	text, err := os.ReadFile("/proc/self/status")
	check(err)
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmRSS:") {
			return number(strings.Fields(line)[1])
		}
	}
	return 0
}

// --- the load ---

const perWorkload = 20

func load(n int) {
	deployer := connect("kube-controller-manager/v1.36.3 (linux/amd64) kubernetes/bench/replicaset-controller")
	kubelet := connect("kubelet/v1.36.3 (linux/amd64) kubernetes/bench")
	ctx := context.Background()
	for i := range 10 {
		name := fmt.Sprintf("team-%d", i)
		_, err := deployer.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		check(err)
		_, err = deployer.CoreV1().ServiceAccounts(name).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{})
		check(err)
	}
	parallel(n, 8, func(i int) {
		pod := makePod(i)
		made, err := deployer.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{FieldManager: "kube-controller-manager"})
		check(err)
		made.Status = makeStatus(i, 0)
		_, err = kubelet.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, made, metav1.UpdateOptions{FieldManager: "kubelet"})
		check(err)
	})
}

func parallel(n, workers int, do func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

func churn(rate, seconds, pods int) {
	client := connect("kubelet/v1.36.3 (linux/amd64) kubernetes/bench")
	ctx := context.Background()
	ticker := time.NewTicker(time.Second / time.Duration(rate))
	defer ticker.Stop()
	var slots = make(chan struct{}, 64)
	var done atomic.Int64
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	for i := 0; time.Now().Before(end); i++ {
		<-ticker.C
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			n := i % pods
			patch := fmt.Sprintf(`{"status":{"containerStatuses":[{"name":"app","restartCount":%d,"image":"registry.test/team/app-%d:1.%d","imageID":"","ready":true,"containerID":"containerd://%064d"}]}}`,
				i/pods+1, n/perWorkload, n%7, i)
			_, err := client.CoreV1().Pods(namespaceOf(n)).Patch(ctx, podName(n), types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubelet"}, "status")
			check(err)
			done.Add(1)
		}()
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
	fmt.Printf("changes=%d\n", done.Load())
}
