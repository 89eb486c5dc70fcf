// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	vpa_types "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/routines"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/priority"
)

type bounds struct{ lower, target, upper int64 }

// cluster is VPA's own model of one workload: its pods, one VPA over them, and the recommender with
// the defaults of VPA's flags.
type cluster struct {
	state interface {
		AddSample(*model.ContainerUsageSampleWithKey) error
		RecordOOM(model.ContainerID, time.Time, model.ResourceAmount) error
		VPAs() map[model.VpaID]*model.Vpa
	}
	recommender logic.PodResourceRecommender
	last        *vpa_types.RecommendedPodResources
}

var vpaID = model.VpaID{Namespace: "d", VpaName: "v"}

func newCluster(floorMiB int64, pods, labelSets int) *cluster {
	state := model.NewClusterState(time.Hour)
	selector := labels.SelectorFromSet(labels.Set{"app": "x"})
	object := &vpa_types.VerticalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: vpaID.Namespace, Name: vpaID.VpaName},
	}
	must(state.AddOrUpdateVpa(object, selector))
	for pod := range pods {
		id := containerID(pod)
		set := labels.Set{"app": "x", "set": fmt.Sprint(pod % labelSets)}
		state.AddOrUpdatePod(id.PodID, set, corev1.PodRunning)
		must(state.AddOrUpdateContainer(id, model.Resources{}))
	}
	return &cluster{
		state: state,
		recommender: logic.CreatePodResourceRecommender(logic.RecommendationConfig{
			SafetyMarginFraction:       0.15,
			PodMinCPUMillicores:        25,
			PodMinMemoryMb:             float64(floorMiB),
			TargetCPUPercentile:        0.9,
			LowerBoundCPUPercentile:    0.5,
			UpperBoundCPUPercentile:    0.95,
			ConfidenceIntervalCPU:      24 * time.Hour,
			TargetMemoryPercentile:     0.9,
			LowerBoundMemoryPercentile: 0.5,
			UpperBoundMemoryPercentile: 0.95,
			ConfidenceIntervalMemory:   24 * time.Hour,
		}),
	}
}

func containerID(pod int) model.ContainerID {
	return model.ContainerID{
		PodID:         model.PodID{Namespace: "d", PodName: fmt.Sprintf("p%d", pod)},
		ContainerName: "c",
	}
}

// use feeds one poll. VPA drops what is out of order or invalid; that is part of what is compared.
func (c *cluster) use(pod int, ms, bytes int64) {
	sample := func(name model.ResourceName, usage int64) {
		_ = c.state.AddSample(&model.ContainerUsageSampleWithKey{
			ContainerUsageSample: model.ContainerUsageSample{
				MeasureStart: time.UnixMilli(ms).UTC(),
				Usage:        model.ResourceAmount(usage),
				Resource:     name,
			},
			Container: containerID(pod),
		})
	}
	sample(model.ResourceCPU, 100)
	sample(model.ResourceMemory, bytes)
}

func (c *cluster) oom(pod int, ms, request int64) {
	_ = c.state.RecordOOM(containerID(pod), time.UnixMilli(ms).UTC(), model.ResourceAmount(request))
}

func (c *cluster) recommend() bounds {
	states := routines.GetContainerNameToAggregateStateMap(c.state.VPAs()[vpaID])
	resources := c.recommender.GetRecommendedPodResources(states)
	format := logic.RecommendationFormat{RoundCPUMillicores: 1, RoundMemoryBytes: 1}
	c.last = logic.MapToListOfRecommendedContainerResources(resources, format)
	if len(c.last.ContainerRecommendations) != 1 {
		panic("one container, and not one recommendation")
	}
	one := c.last.ContainerRecommendations[0]
	return bounds{one.LowerBound.Memory().Value(), one.Target.Memory().Value(), one.UpperBound.Memory().Value()}
}

// memoryOnly leaves the recommendation as it is, without CPU: what is compared is memory alone.
type memoryOnly struct {
	recommendation *vpa_types.RecommendedPodResources
}

func (m memoryOnly) Apply(*vpa_types.VerticalPodAutoscaler, *corev1.Pod) (*vpa_types.RecommendedPodResources, map[string][]string, error) {
	only := func(list corev1.ResourceList) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceMemory: list[corev1.ResourceMemory]}
	}
	one := m.recommendation.ContainerRecommendations[0]
	return &vpa_types.RecommendedPodResources{
		ContainerRecommendations: []vpa_types.RecommendedContainerResources{{
			ContainerName: "c", Target: only(one.Target),
			LowerBound: only(one.LowerBound), UpperBound: only(one.UpperBound),
		}},
	}, nil, nil
}

type admitAll struct{}

func (admitAll) LoopInit([]*corev1.Pod, map[*vpa_types.VerticalPodAutoscaler][]*corev1.Pod) {}
func (admitAll) Admit(*corev1.Pod, *vpa_types.RecommendedPodResources) bool                 { return true }
func (admitAll) CleanUp()                                                                   {}

func (c *cluster) acts(request, ageMs int64, quickOOM bool) bool {
	now := time.UnixMilli(1_800_000_000_000).UTC()
	started := metav1.NewTime(now.Add(-time.Duration(ageMs) * time.Millisecond))
	container := corev1.Container{Name: "c"}
	if request > 0 {
		container.Resources.Requests = corev1.ResourceList{
			corev1.ResourceMemory: *resource.NewQuantity(request, resource.BinarySI)}
	}
	status := corev1.ContainerStatus{Name: "c"}
	if quickOOM {
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			Reason: "OOMKilled", StartedAt: metav1.NewTime(now.Add(-time.Minute)), FinishedAt: metav1.NewTime(now)}
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "d", Name: "p0"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{container}},
		Status:     corev1.PodStatus{StartTime: &started, ContainerStatuses: []corev1.ContainerStatus{status}},
	}
	config := priority.UpdateConfig{
		MinChangePriority:          0.1,
		PodLifetimeUpdateThreshold: 12 * time.Hour,
		EvictAfterOOMThreshold:     10 * time.Minute,
	}
	calculator := priority.NewUpdatePriorityCalculator(
		&vpa_types.VerticalPodAutoscaler{}, config, memoryOnly{c.last}, priority.NewProcessor())
	calculator.AddPod(pod, now, nil)
	return len(calculator.GetSortedPods(admitAll{})) == 1
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
