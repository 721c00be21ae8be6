// Prints what the Go types of Kubernetes modules say about JSON, as JSON: for each package with a generated.proto its group, its
// version, and for each type its fields (type, json tag, protobuf tag). It reads the sources and compiles nothing of them.
//
//	go run types.go MODULE=DIR...
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

type field struct {
	Name     string `json:"name"`
	Embedded bool   `json:"embedded,omitempty"`
	// Type is Go's: `*int32`, `[]string`, `map[string]k8s.io/api/core/v1.Pod`.
	Type     string `json:"type"`
	JSON     string `json:"json"`
	Protobuf string `json:"protobuf,omitempty"`
}

type typeInfo struct {
	// Of is the type of which this is another name; empty for a struct.
	Of     string  `json:"of,omitempty"`
	Fields []field `json:"fields,omitempty"`
}

type pkg struct {
	Group   string              `json:"group"`
	Version string              `json:"version"`
	Types   map[string]typeInfo `json:"types"`
}

func main() {
	packages := map[string]*pkg{}
	for _, arg := range os.Args[1:] {
		module, dir, _ := strings.Cut(arg, "=")
		err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.Name() != "generated.proto" {
				return err
			}
			relative, err := filepath.Rel(dir, filepath.Dir(file))
			if err == nil {
				packages[path.Join(module, filepath.ToSlash(relative))], err = read(path.Join(module, filepath.ToSlash(relative)), filepath.Dir(file))
			}
			return err
		})
		if err != nil {
			panic(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(packages); err != nil {
		panic(err)
	}
}

func read(importPath, dir string) (*pkg, error) {
	result := &pkg{Version: path.Base(importPath), Types: map[string]typeInfo{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		base := filepath.Base(name)
		if strings.HasSuffix(base, "_test.go") || strings.HasPrefix(base, "zz_generated") || base == "generated.pb.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		scope := scopeOf(importPath, file)
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range general.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					result.Types[spec.Name.Name] = scope.info(spec.Type)
				case *ast.ValueSpec:
					if len(spec.Names) == 1 && spec.Names[0].Name == "GroupName" && len(spec.Values) == 1 {
						if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
							result.Group, _ = strconv.Unquote(literal.Value)
						}
					}
				}
			}
		}
	}
	return result, nil
}

type scope struct {
	importPath string
	imports    map[string]string
}

func scopeOf(importPath string, file *ast.File) scope {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = target
	}
	return scope{importPath, imports}
}

func (s scope) info(expression ast.Expr) typeInfo {
	structure, ok := expression.(*ast.StructType)
	if !ok {
		return typeInfo{Of: s.text(expression)}
	}
	fields := []field{}
	for _, item := range structure.Fields.List {
		tag := reflect.StructTag("")
		if item.Tag != nil {
			text, _ := strconv.Unquote(item.Tag.Value)
			tag = reflect.StructTag(text)
		}
		info := field{Type: s.text(item.Type), JSON: tag.Get("json"), Protobuf: tag.Get("protobuf")}
		if len(item.Names) == 0 {
			info.Embedded = true
			info.Name = info.Type[strings.LastIndexAny(info.Type, ".*")+1:]
			fields = append(fields, info)
		}
		for _, name := range item.Names {
			info.Name = name.Name
			fields = append(fields, info)
		}
	}
	return typeInfo{Fields: fields}
}

func (s scope) text(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.Ident:
		if ast.IsExported(e.Name) {
			return s.importPath + "." + e.Name
		}
		return e.Name
	case *ast.SelectorExpr:
		return s.imports[e.X.(*ast.Ident).Name] + "." + e.Sel.Name
	case *ast.StarExpr:
		return "*" + s.text(e.X)
	case *ast.ArrayType:
		return "[]" + s.text(e.Elt)
	case *ast.MapType:
		return "map[" + s.text(e.Key) + "]" + s.text(e.Value)
	case *ast.ParenExpr:
		return s.text(e.X)
	default:
		return "?"
	}
}
