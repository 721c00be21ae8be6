// Prints objects of every kind of Kubernetes, filled with random values: a line of JSON each, with the stored form in base64
// and the JSON of the object.
//
//	go run . SEED [KIND...]
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"sort"
	"strconv"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type line struct {
	Kind   string          `json:"kind"`
	Stored []byte          `json:"stored"`
	Object json.RawMessage `json:"object"`
}

func main() {
	seed, err := strconv.ParseInt(os.Args[1], 10, 64)
	check(err)
	wanted := map[string]bool{}
	for _, kind := range os.Args[2:] {
		wanted[kind] = true
	}
	scheme := runtime.NewScheme()
	for _, add := range groups {
		check(add(scheme))
	}
	serializer := protobuf.NewSerializer(scheme, scheme)
	out := json.NewEncoder(os.Stdout)
	for _, kind := range kindsOf(scheme) {
		if len(wanted) > 0 && !wanted[kind.Kind] {
			continue
		}
		object, err := scheme.New(kind)
		check(err)
		filler{rand.New(rand.NewSource(seed + int64(len(kind.String()))))}.fill(reflect.ValueOf(object).Elem(), 0)
		object.GetObjectKind().SetGroupVersionKind(kind)
		var stored bytes.Buffer
		check(serializer.Encode(object, &stored))
		// As a server writes what it has read: a list of no items may be null before and [] after.
		decoded, _, err := serializer.Decode(stored.Bytes(), nil, nil)
		check(err)
		stored.Reset()
		check(serializer.Encode(decoded, &stored))
		text, err := json.Marshal(decoded)
		check(err)
		check(out.Encode(line{kind.String(), stored.Bytes(), text}))
	}
}

// kindsOf leaves out what has no type of its own in storage: options of requests and events of watches.
func kindsOf(scheme *runtime.Scheme) []schema.GroupVersionKind {
	kinds := []schema.GroupVersionKind{}
	for kind := range scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal || kind.Kind == "WatchEvent" {
			continue
		}
		object, err := scheme.New(kind)
		check(err)
		if _, ok := object.(interface{ Marshal() ([]byte, error) }); ok {
			kinds = append(kinds, kind)
		}
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
	return kinds
}

type filler struct{ *rand.Rand }

var texts = []string{"", "a", "web", "é日", "line\nline", "true", "10", "<&>", " x ", "\t", "key: value", "\u2028"}

func (f filler) text() string { return texts[f.Intn(len(texts))] }

// A value that JSON has, with sorted keys, as the API server stores it.
func (f filler) rawJSON() []byte {
	values := []string{`{"a":1,"b":[true,null,"x"]}`, `{}`, `[]`, `"text"`, `1.5`, `{"f:a":{".":{},"k:{\"b\":1}":{}}}`}
	return []byte(values[f.Intn(len(values))])
}

func (f filler) special(value reflect.Value, depth int) bool {
	switch it := value.Addr().Interface().(type) {
	case *metav1.TypeMeta:
	case *metav1.Time:
		if f.Intn(4) > 0 {
			*it = metav1.Unix(f.Int63n(4e9)-1e9, 0)
		}
	case *metav1.MicroTime:
		if f.Intn(4) > 0 {
			*it = metav1.NewMicroTime(time.Unix(f.Int63n(4e9)-1e9, f.Int63n(1e6)*1000))
		}
	case *metav1.Duration:
		it.Duration = time.Duration(f.Int63n(1e15) - 5e14)
	case *metav1.FieldsV1:
		it.Raw = []byte(`{"f:a":{".":{},"f:b":{}}}`)
	case *resource.Quantity:
		formats := []resource.Format{resource.DecimalSI, resource.BinarySI, resource.DecimalExponent}
		*it = *resource.NewMilliQuantity(f.Int63n(1e12)-1e11, formats[f.Intn(3)])
	case *intstr.IntOrString:
		*it = intstr.FromInt32(f.Int31() - 1<<30)
		if f.Intn(2) == 0 {
			*it = intstr.FromString(f.text())
		}
	case *runtime.RawExtension:
		it.Raw = f.rawJSON()
	case *apiextensionsv1.JSON:
		it.Raw = f.rawJSON()
	case *apiextensionsv1beta1.JSON:
		it.Raw = f.rawJSON()
	default:
		return f.union(value, depth)
	}
	return true
}

// union sets one of the alternatives of a type that is one of several in JSON.
func (f filler) union(value reflect.Value, depth int) bool {
	switch value.Type().Name() {
	case "JSONSchemaPropsOrArray":
		if f.Intn(2) == 0 {
			f.fill(grown(value.FieldByName("JSONSchemas")), depth+1)
			return true
		}
	case "JSONSchemaPropsOrStringArray":
		if f.Intn(2) == 0 {
			f.fill(grown(value.FieldByName("Property")), depth+1)
			return true
		}
	case "JSONSchemaPropsOrBool":
		value.FieldByName("Allows").SetBool(true)
		if f.Intn(2) == 0 {
			value.FieldByName("Allows").SetBool(f.Intn(2) == 0)
			return true
		}
	default:
		return false
	}
	schema := value.FieldByName("Schema")
	schema.Set(reflect.New(schema.Type().Elem()))
	f.fill(schema.Elem(), depth+1)
	return true
}

func grown(list reflect.Value) reflect.Value {
	list.Set(reflect.MakeSlice(list.Type(), 1, 1))
	return list.Index(0)
}

func (f filler) fill(value reflect.Value, depth int) {
	if f.special(value, depth) {
		return
	}
	rare := f.Intn(9) < depth
	switch value.Kind() {
	case reflect.String:
		value.SetString(f.text())
	case reflect.Bool:
		value.SetBool(f.Intn(2) == 0)
	case reflect.Int32:
		value.SetInt(int64(int32(f.Uint32())) >> f.Intn(32))
	case reflect.Int64:
		value.SetInt(int64(f.Uint64()) >> f.Intn(64))
	case reflect.Float64:
		value.SetFloat(float64(f.Intn(1e6)) / 64)
	case reflect.Pointer:
		if !rare || depth == 0 {
			value.Set(reflect.New(value.Type().Elem()))
			f.fill(value.Elem(), depth+1)
			// JSON has null for a zero time and for no time, and reads null as no time.
			if time, ok := value.Interface().(interface{ IsZero() bool }); ok && time.IsZero() {
				value.SetZero()
			}
		}
	case reflect.Slice:
		f.fillSlice(value, depth, rare)
	case reflect.Map:
		if rare {
			return
		}
		value.Set(reflect.MakeMap(value.Type()))
		for range 1 + f.Intn(3) {
			key, item := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
			f.fill(key, depth+1)
			f.fill(item, depth+1)
			value.SetMapIndex(key, item)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			f.fill(value.Field(i), depth+1)
		}
	default:
		panic(fmt.Sprint("cannot fill ", value.Type()))
	}
}

func (f filler) fillSlice(value reflect.Value, depth int, rare bool) {
	if value.Type().Elem().Kind() == reflect.Uint8 {
		if f.Intn(3) > 0 {
			value.SetBytes([]byte(f.text() + "\x00\xff"))
		}
		return
	}
	if rare {
		return
	}
	value.Set(reflect.MakeSlice(value.Type(), 1+f.Intn(2), 3))
	for i := range value.Len() {
		f.fill(value.Index(i), depth+1)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
