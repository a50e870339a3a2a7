package bundle

import (
	"bytes"

	"github.com/evanw/esbuild/pkg/api"
)

// lowerModule rewrites a JavaScript module that the engine could not run as it
// is. Any other keeps its text, and so does one that does not parse: loading it
// says why.
func lowerModule(m Module, lowered bool) Module {
	if m.Kind != ESModule && m.Kind != CommonJS {
		return m
	}
	file := m.Map.identity
	asIs := transform(m.Source, api.ESNext, nil)
	needed := transform(m.Source, api.ES2023, supported(lowered))
	if len(needed.Errors) > 0 || bytes.Equal(asIs.Code, needed.Code) {
		return m
	}
	m.Source = needed.Code
	m.Map = newSourceMap(needed.Map, func(string) string { return file })
	return m
}

func transform(source []byte, target api.Target, supported map[string]bool) api.TransformResult {
	return api.Transform(string(source), api.TransformOptions{
		Target: target, Supported: supported,
		Sourcemap: api.SourceMapExternal, LegalComments: api.LegalCommentsInline,
		Loader: api.LoaderJS, LogLevel: api.LogLevelSilent,
	})
}
