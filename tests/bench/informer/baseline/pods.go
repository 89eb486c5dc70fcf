// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Pods as a Deployment's usually look: probes, environment, mounts, a sidecar in every third; twenty
// replicas to a workload, spread over 200 nodes.

func workloadOf(i int) int { return i / perWorkload }

func namespaceOf(i int) string { return fmt.Sprintf("team-%d", workloadOf(i)%10) }

func hash(text string) string {
	h := fnv.New32a()
	h.Write([]byte(text))
	return fmt.Sprintf("%08x", h.Sum32())
}

func replicaSetOf(i int) string {
	return fmt.Sprintf("app-%d-%s", workloadOf(i), hash(fmt.Sprint("rs", workloadOf(i))))
}

func podName(i int) string {
	return fmt.Sprintf("%s-%s", replicaSetOf(i), hash(fmt.Sprint("pod", i))[:5])
}

func makePod(i int) *corev1.Pod {
	yes := true
	workload := workloadOf(i)
	app := makeContainer("app", fmt.Sprintf("registry.test/team/app-%d:1.%d", workload, i%7), workload)
	containers := []corev1.Container{app}
	if workload%3 == 0 {
		containers = append(containers, makeContainer("proxy", "registry.test/mesh/proxy:1.29.4", 1))
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: podName(i), Namespace: namespaceOf(i),
			Labels: map[string]string{
				"app.kubernetes.io/name":     fmt.Sprintf("app-%d", workload),
				"app.kubernetes.io/instance": fmt.Sprintf("app-%d-prod", workload),
				"app.kubernetes.io/version":  "1.4.2", "pod-template-hash": hash(fmt.Sprint("rs", workload)),
				"team": namespaceOf(i), "tier": "backend",
			},
			Annotations: map[string]string{
				"prometheus.io/scrape": "true", "prometheus.io/port": "8080",
				"checksum/config": fmt.Sprintf("%064x", workload), "kubectl.kubernetes.io/restartedAt": "2026-11-01T10:00:00Z",
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: replicaSetOf(i),
				UID: types.UID(fmt.Sprintf("%08x-0000-4000-8000-000000000000", workload)), Controller: &yes, BlockOwnerDeletion: &yes,
			}},
		},
		Spec: corev1.PodSpec{
			NodeName: fmt.Sprintf("node-%d", i%200), Containers: containers, EnableServiceLinks: &yes,
			Tolerations: []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}},
			Volumes: []corev1.Volume{
				{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "app-config"}}}},
				{Name: "cache", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			},
		},
	}
}

func makeContainer(name, image string, size int) corev1.Container {
	probe := func(path string) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt32(8080)}},
			PeriodSeconds: 10, TimeoutSeconds: 2, FailureThreshold: 3,
		}
	}
	container := corev1.Container{
		Name: name, Image: image, Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}, {Name: "metrics", ContainerPort: 9090}},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse(fmt.Sprintf("%dMi", 128+size%8*64))},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(fmt.Sprintf("%dMi", 256+size%8*128))},
		},
		LivenessProbe: probe("/healthz"), ReadinessProbe: probe("/readyz"),
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/etc/app"}, {Name: "cache", MountPath: "/var/cache/app"}},
		Env: []corev1.EnvVar{
			{Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
			{Name: "POD_IP", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}},
		},
	}
	for i := range 8 {
		container.Env = append(container.Env, corev1.EnvVar{Name: fmt.Sprintf("APP_SETTING_%d", i), Value: fmt.Sprintf("value-of-setting-%d", i)})
	}
	return container
}

func makeStatus(i, restarts int) corev1.PodStatus {
	now := metav1.Now()
	ip := fmt.Sprintf("10.%d.%d.%d", 128+i>>16, i>>8&255, i&255)
	status := corev1.PodStatus{
		Phase: corev1.PodRunning, HostIP: fmt.Sprintf("10.0.0.%d", i%200), PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}, StartTime: &now,
		QOSClass: corev1.PodQOSBurstable,
	}
	for _, condition := range []corev1.PodConditionType{"PodReadyToStartContainers", corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: condition, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	yes := true
	for _, container := range makePod(i).Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, ImageID: fmt.Sprintf("registry.test/app@sha256:%064x", workloadOf(i)),
			ContainerID: fmt.Sprintf("containerd://%064x", i*2+len(container.Name)), Ready: true, Started: &yes, RestartCount: int32(restarts),
			State:              corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
			AllocatedResources: container.Resources.Requests, Resources: &container.Resources,
		})
	}
	return status
}
