// The Datadog agent's own trace receiver (package api of datadog-agent/pkg/trace): what it decodes is written to a file, one JSON
// object a line, and the rates that it recommends are set over HTTP.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"

	pb "github.com/DataDog/datadog-agent/pkg/proto/pbgo/trace"
	"github.com/DataDog/datadog-agent/pkg/proto/pbgo/trace/idx"
	"github.com/DataDog/datadog-agent/pkg/trace/api"
	"github.com/DataDog/datadog-agent/pkg/trace/config"
	"github.com/DataDog/datadog-agent/pkg/trace/sampler"
	"github.com/DataDog/datadog-agent/pkg/trace/telemetry"
	"github.com/DataDog/datadog-agent/pkg/trace/timing"
	"github.com/DataDog/datadog-go/v5/statsd"
	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/pb/sketchpb"
	"github.com/DataDog/sketches-go/ddsketch/store"
	"google.golang.org/protobuf/proto"
)

type output struct {
	mu   sync.Mutex
	file *os.File
}

func (o *output) write(kind string, fields map[string]any) {
	fields["kind"] = kind
	line, err := json.Marshal(fields)
	if err != nil {
		line, _ = json.Marshal(map[string]any{"kind": "error", "message": err.Error()})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.file.Write(append(line, '\n'))
}

// ProcessStats is what the receiver hands a stats payload to.
func (o *output) ProcessStats(_ context.Context, p *pb.ClientStatsPayload, lang, tracerVersion, containerID, obfuscationVersion string) error {
	sketches := []map[string]any{}
	for _, bucket := range p.Stats {
		for _, group := range bucket.Stats {
			sketches = append(sketches, map[string]any{"ok": sketch(group.OkSummary), "error": sketch(group.ErrorSummary)})
		}
	}
	o.write("stats", map[string]any{"payload": p, "sketches": sketches, "lang": lang, "tracerVersion": tracerVersion, "containerID": containerID})
	return nil
}

func sketch(summary []byte) map[string]any {
	var message sketchpb.DDSketch
	if err := proto.Unmarshal(summary, &message); err != nil {
		return map[string]any{"error": err.Error()}
	}
	decoded, err := ddsketch.FromProtoWithStoreProvider(&message, store.DenseStoreConstructor)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	result := map[string]any{"count": decoded.GetCount(), "relativeAccuracy": decoded.RelativeAccuracy()}
	if decoded.GetCount() > 0 {
		quantiles, err := decoded.GetValuesAtQuantiles([]float64{0, 0.5, 0.95, 1})
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		result["quantiles"] = quantiles
	}
	return result
}

func spanV1(s *idx.InternalSpan) map[string]any {
	attributes := map[string]any{}
	for key, value := range s.Attributes() {
		attributes[s.Strings.Get(key)] = anyValue(s.Strings, value)
	}
	links, events := []any{}, []any{}
	for _, link := range s.ToProto().Links {
		links = append(links, map[string]any{"traceID": hex.EncodeToString(link.TraceID), "spanID": strconv.FormatUint(link.SpanID, 10),
			"attributes": attributeMap(s.Strings, link.Attributes), "tracestate": s.Strings.Get(link.TracestateRef), "flags": link.Flags})
	}
	for _, event := range s.ToProto().Events {
		events = append(events, map[string]any{"time": strconv.FormatUint(event.Time, 10), "name": s.Strings.Get(event.NameRef),
			"attributes": attributeMap(s.Strings, event.Attributes)})
	}
	return map[string]any{"service": s.Service(), "name": s.Name(), "resource": s.Resource(), "type": s.Type(), "spanID": strconv.FormatUint(s.SpanID(), 10),
		"parentID": strconv.FormatUint(s.ParentID(), 10), "start": strconv.FormatUint(s.Start(), 10), "duration": strconv.FormatUint(s.Duration(), 10),
		"error": s.Error(), "env": s.Env(), "version": s.Version(), "component": s.Component(), "spanKind": s.SpanKind(),
		"attributes": attributes, "links": links, "events": events}
}

func attributeMap(strings *idx.StringTable, attributes map[uint32]*idx.AnyValue) map[string]any {
	result := map[string]any{}
	for key, value := range attributes {
		result[strings.Get(key)] = anyValue(strings, value)
	}
	return result
}

func anyValue(strings *idx.StringTable, value *idx.AnyValue) any {
	switch v := value.Value.(type) {
	case *idx.AnyValue_StringValueRef:
		return strings.Get(v.StringValueRef)
	case *idx.AnyValue_BoolValue:
		return v.BoolValue
	case *idx.AnyValue_DoubleValue:
		return v.DoubleValue
	case *idx.AnyValue_IntValue:
		return v.IntValue
	case *idx.AnyValue_ArrayValue:
		values := []any{}
		for _, one := range v.ArrayValue.Values {
			values = append(values, anyValue(strings, one))
		}
		return values
	}
	return fmt.Sprintf("%v", value.Value)
}

func spanV04(s *pb.Span) map[string]any {
	return map[string]any{"service": s.Service, "name": s.Name, "resource": s.Resource, "type": s.Type, "traceID": strconv.FormatUint(s.TraceID, 10),
		"spanID": strconv.FormatUint(s.SpanID, 10), "parentID": strconv.FormatUint(s.ParentID, 10), "start": strconv.FormatInt(s.Start, 10),
		"duration": strconv.FormatInt(s.Duration, 10), "error": s.Error, "meta": s.Meta, "metrics": s.Metrics, "links": s.SpanLinks, "events": s.SpanEvents}
}

func main() {
	port, _ := strconv.Atoi(os.Args[1])
	controlPort := os.Args[2]
	file, err := os.Create(os.Args[3])
	if err != nil {
		panic(err)
	}
	out := &output{file: file}
	conf := config.New()
	conf.ReceiverHost = "127.0.0.1"
	conf.ReceiverPort = port
	conf.DecoderTimeout = 1000
	conf.Decoders = 4
	conf.MaxConnections = 1000
	conf.EnableV1TraceEndpoint = os.Getenv("V1") == "true"
	conf.PeerTagsAggregation = true
	conf.ComputeStatsBySpanKind = true
	conf.Endpoints[0].APIKey = "none"
	dynamic := sampler.NewDynamicConfig()
	payloads, payloadsV1 := make(chan *api.Payload, 100), make(chan *api.PayloadV1, 100)
	receiver := api.NewHTTPReceiver(conf, dynamic, payloads, payloadsV1, out, telemetry.NewNoopCollector(), &statsd.NoOpClient{}, timing.NoopReporter{})
	receiver.Start()
	go func() {
		for p := range payloads {
			chunks := []any{}
			for _, chunk := range p.TracerPayload.Chunks {
				spans := []any{}
				for _, span := range chunk.Spans {
					spans = append(spans, spanV04(span))
				}
				chunks = append(chunks, map[string]any{"priority": chunk.Priority, "origin": chunk.Origin, "spans": spans, "tags": chunk.Tags})
			}
			t := p.TracerPayload
			out.write("traces", map[string]any{"version": p.Source.EndpointVersion, "chunks": chunks, "topLevel": p.ClientComputedTopLevel, "dropped": p.ClientDroppedP0s, "stats": p.ClientComputedStats,
				"language": t.LanguageName, "tracerVersion": t.TracerVersion, "env": t.Env, "appVersion": t.AppVersion, "runtimeID": t.RuntimeID, "containerID": t.ContainerID})
		}
	}()
	go func() {
		for p := range payloadsV1 {
			chunks := []any{}
			t := p.TracerPayload
			for _, chunk := range t.Chunks {
				spans := []any{}
				for _, span := range chunk.Spans {
					spans = append(spans, spanV1(span))
				}
				chunks = append(chunks, map[string]any{"priority": chunk.Priority, "origin": chunk.Origin(), "spans": spans, "traceID": hex.EncodeToString(chunk.TraceID),
					"mechanism": chunk.SamplingMechanism(), "attributes": attributeMap(t.Strings, chunk.Attributes)})
			}
			out.write("traces", map[string]any{"version": "v1.0", "chunks": chunks, "topLevel": p.ClientComputedTopLevel, "dropped": p.ClientDroppedP0s, "stats": p.ClientComputedStats,
				"language": t.LanguageName(), "tracerVersion": t.TracerVersion(), "env": t.Env(), "appVersion": t.AppVersion(), "runtimeID": t.RuntimeID(), "containerID": t.ContainerID()})
		}
	}()
	http.HandleFunc("/rates", func(w http.ResponseWriter, r *http.Request) {
		var rates []struct {
			Service, Env string
			Rate         float64
		}
		if err := json.NewDecoder(r.Body).Decode(&rates); err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		all := map[sampler.ServiceSignature]float64{}
		for _, one := range rates {
			all[sampler.ServiceSignature{Name: one.Service, Env: one.Env}] = one.Rate
		}
		dynamic.RateByService.SetAll(all)
	})
	panic(http.ListenAndServe("127.0.0.1:"+controlPort, nil))
}
