// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"math"
	"os"
	"strconv"
	"strings"

	"plimsoll.dev/sdk/go/internal/pb"
)

const (
	// What the runtime has for "no GOMEMLIMIT".
	noMemoryLimit = math.MaxInt64
	// What runtime/metrics has for GOGC=off; SetGCPercent takes and gives -1.
	gogcOffMetric  = math.MaxUint64
	defaultPercent = 100

	memoryLimitKnob = "GOMEMLIMIT"
	percentKnob     = "GOGC"
)

// knobs are the settings in force, as the runtime itself has them now.
func (r *reading) knobs() []*pb.Knob {
	list := make([]*pb.Knob, 0, 3)
	if limit := r.count(gomemlimit); limit != nil {
		list = append(list, memoryLimitOf(int64(*limit), os.Getenv(memoryLimitKnob)))
	}
	if percent := r.gcPercent(); percent != nil {
		list = append(list, percentOf(*percent, os.Getenv(percentKnob)))
	}
	if processors := r.count(gomaxprocs); processors != nil {
		list = append(list, processorsOf(*processors, os.Getenv("GOMAXPROCS")))
	}
	return list
}

// gcPercent is GOGC as SetGCPercent has it: -1 is off.
func (r *reading) gcPercent() *int64 {
	value := r.count(gogc)
	if value == nil {
		return nil
	}
	percent := int64(-1)
	if *value != gogcOffMetric && *value <= math.MaxInt32 {
		percent = int64(*value)
	}
	return &percent
}

func memoryLimitOf(limit int64, env string) *pb.Knob {
	knob := &pb.Knob{Name: memoryLimitKnob, Unit: "bytes", MutableAtRuntime: true, Value: "off", Source: pb.Knob_API}
	if limit != noMemoryLimit {
		number := float64(limit)
		knob.Number = &number
		knob.Value = formatBytes(limit)
	}
	inEnv, ok := parseMemoryLimit(env)
	switch {
	case ok && limit == inEnv:
		knob.Source = pb.Knob_ENV
	case env == "" && limit == noMemoryLimit:
		knob.Source = pb.Knob_DEFAULT
	}
	return knob
}

func percentOf(percent int64, env string) *pb.Knob {
	knob := &pb.Knob{Name: percentKnob, Unit: "percent", MutableAtRuntime: true, Value: "off", Source: pb.Knob_API}
	if percent >= 0 {
		number := float64(percent)
		knob.Number = &number
		knob.Value = strconv.FormatInt(percent, 10)
	}
	switch {
	case env != "" && percent == parsePercent(env):
		knob.Source = pb.Knob_ENV
	case env == "" && percent == defaultPercent:
		knob.Source = pb.Knob_DEFAULT
	}
	return knob
}

func processorsOf(processors uint64, env string) *pb.Knob {
	number := float64(processors)
	knob := &pb.Knob{
		Name: "GOMAXPROCS", Unit: "count", Value: strconv.FormatUint(processors, 10), Number: &number,
		Source: pb.Knob_DEFAULT,
	}
	switch env {
	case "":
	case knob.Value:
		knob.Source = pb.Knob_ENV
	default:
		knob.Source = pb.Knob_API
	}
	return knob
}

var byteSuffixes = []struct {
	suffix string
	shift  uint
}{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}}

// formatBytes writes a size as GOMEMLIMIT takes it, exactly: 482344960 is "460MiB".
func formatBytes(size int64) string {
	for _, unit := range byteSuffixes {
		if size != 0 && size%(1<<unit.shift) == 0 {
			return strconv.FormatInt(size>>unit.shift, 10) + unit.suffix
		}
	}
	return "0B"
}

// parsePercent reads the environment's GOGC as the runtime does: what is below zero is off, what is
// no number is the default.
func parsePercent(text string) int64 {
	if text == "off" {
		return -1
	}
	percent, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return defaultPercent
	}
	return max(percent, -1)
}

// parseMemoryLimit reads the environment's GOMEMLIMIT; the runtime has refused to start with a
// malformed one, so false means empty.
func parseMemoryLimit(text string) (int64, bool) {
	if text == "off" {
		return noMemoryLimit, true
	}
	shift := uint(0)
	for _, unit := range byteSuffixes {
		if digits, found := strings.CutSuffix(text, unit.suffix); found {
			text, shift = digits, unit.shift
			break
		}
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 || number > math.MaxInt64>>shift {
		return 0, false
	}
	return number << shift, true
}

// collectorOf names the collector where Go has had two: Green Tea came as an experiment in 1.25 and
// is the default from 1.26 on. Experiments show in the version: "go1.26.1 X:nogreenteagc".
func collectorOf(version string) string {
	if strings.Contains(version, "nogreenteagc") {
		return "classic"
	}
	if strings.Contains(version, "greenteagc") {
		return "green-tea"
	}
	number, found := strings.CutPrefix(version, "go1.")
	digits := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		number = number[:digits]
	}
	minor, err := strconv.Atoi(number)
	switch {
	case !found || err != nil:
		return ""
	case minor >= 26:
		return "green-tea"
	case minor == 25:
		return "classic"
	default:
		return ""
	}
}
