// SPDX-License-Identifier: Apache-2.0

// Command vpabench measures VPA's own code on one core: COUNT VPAs over ten pods of one container
// each, equal labels (VPA's better case), eight daily peaks. Prints "pass NS", "ingest NS" (one
// poll: a CPU and a memory sample) and "memory BYTES", each per VPA or per poll; CPU time.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	vpa_types "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/routines"
)

const (
	podsPerVPA = 10
	days       = 8
	passes     = 5
)

var start = time.Unix(1_790_035_200, 0).UTC()

type state interface {
	AddSample(*model.ContainerUsageSampleWithKey) error
	VPAs() map[model.VpaID]*model.Vpa
}

func containerID(vpa, pod int) model.ContainerID {
	return model.ContainerID{
		PodID:         model.PodID{Namespace: "d", PodName: fmt.Sprintf("w%d-%d", vpa, pod)},
		ContainerName: "c",
	}
}

func load(count int) (state, []model.ContainerID) {
	cluster := model.NewClusterState(time.Hour)
	var containers []model.ContainerID
	for v := range count {
		set := labels.Set{"app": fmt.Sprint("w", v)}
		object := &vpa_types.VerticalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: "d", Name: fmt.Sprint("v", v)}}
		must(cluster.AddOrUpdateVpa(object, labels.SelectorFromSet(set)))
		for p := range podsPerVPA {
			id := containerID(v, p)
			cluster.AddOrUpdatePod(id.PodID, set, corev1.PodRunning)
			must(cluster.AddOrUpdateContainer(id, model.Resources{model.ResourceMemory: 1 << 28}))
			containers = append(containers, id)
		}
	}
	return cluster, containers
}

// poll feeds every container once, with a usage that differs by container and time.
func poll(cluster state, containers []model.ContainerID, at time.Time, round int) {
	for i, id := range containers {
		add := func(name model.ResourceName, usage model.ResourceAmount) {
			must(cluster.AddSample(&model.ContainerUsageSampleWithKey{
				ContainerUsageSample: model.ContainerUsageSample{MeasureStart: at, Usage: usage, Resource: name},
				Container:            id,
			}))
		}
		add(model.ResourceCPU, 100)
		add(model.ResourceMemory, model.ResourceAmount(100<<20+(i*7919+round*104729)%(50<<20)))
	}
}

func pass(cluster state, recommender logic.PodResourceRecommender) {
	format := logic.RecommendationFormat{RoundCPUMillicores: 1, RoundMemoryBytes: 1}
	for _, vpa := range cluster.VPAs() {
		resources := recommender.GetRecommendedPodResources(routines.GetContainerNameToAggregateStateMap(vpa))
		vpa.UpdateRecommendation(logic.MapToListOfRecommendedContainerResources(resources, format))
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// processor is the CPU time of this process so far: what a busy machine does not change.
func processor() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func main() {
	runtime.GOMAXPROCS(1)
	count, err := strconv.Atoi(os.Args[1])
	must(err)
	recommender := logic.CreatePodResourceRecommender(logic.RecommendationConfig{
		SafetyMarginFraction: 0.15, PodMinCPUMillicores: 25, PodMinMemoryMb: 250,
		TargetCPUPercentile: 0.9, LowerBoundCPUPercentile: 0.5, UpperBoundCPUPercentile: 0.95,
		ConfidenceIntervalCPU: 24 * time.Hour, TargetMemoryPercentile: 0.9,
		LowerBoundMemoryPercentile: 0.5, UpperBoundMemoryPercentile: 0.95,
		ConfidenceIntervalMemory: 24 * time.Hour,
	})

	before := heap()
	cluster, containers := load(count)
	for day := range days {
		poll(cluster, containers, start.Add(time.Duration(day)*24*time.Hour), day)
	}
	pass(cluster, recommender)
	held := heap() - before

	begin := processor()
	for range passes {
		pass(cluster, recommender)
	}
	passTime := processor() - begin

	last := start.Add(days * 24 * time.Hour)
	begin = processor()
	for i := range passes {
		poll(cluster, containers, last.Add(time.Duration(i)*time.Minute), i)
	}
	ingestTime := processor() - begin

	fmt.Printf("pass %.1f\n", float64(passTime.Nanoseconds())/float64(passes*count))
	fmt.Printf("ingest %.1f\n", float64(ingestTime.Nanoseconds())/float64(passes*len(containers)))
	fmt.Printf("memory %.1f\n", float64(held)/float64(count))
	runtime.KeepAlive(cluster)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
