package emulator_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The pattern library's tests are modules whose default export has a function
// for each claim. They are run in a Worker here, and run in any other JavaScript
// runtime as well.
var patternTests = filepath.Join("bundle", "patterns", "testdata")

const patternConfig = `name = "patterns"
main = "src/index.mjs"
compatibility_date = "2026-11-01"
`

// patternRunner is the Worker's code after the imports: it lists the claims of
// all suites, or checks one.
const patternRunner = `
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/list") {
      return Response.json(Object.entries(suites).map(([suite, claims]) => [suite, Object.keys(claims)]));
    }
    try {
      await suites[searchParams.get("suite")][searchParams.get("claim")]();
      return new Response("holds");
    } catch (error) {
      return new Response(error.stack ?? String(error), { status: 500 });
    }
  },
};
`

func TestThePatternLibraryHoldsItsClaims(t *testing.T) {
	t.Parallel()
	p := serve(t, patternProject(t))
	suites := decode[[][2]any](t, p.get("/list"))
	for _, s := range suites {
		suite := s[0].(string)
		t.Run(suite, func(t *testing.T) {
			for _, claim := range s[1].([]any) {
				t.Run(claim.(string), func(t *testing.T) {
					query := url.Values{"suite": {suite}, "claim": {claim.(string)}}
					if status, body := p.ask(request{path: "/check?" + query.Encode()}); status != 200 {
						t.Error(body)
					}
				})
			}
		})
	}
}

// patternProject writes a Worker that has all the library's tests.
func patternProject(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "wrangler.toml"), patternConfig)
	if err := os.CopyFS(filepath.Join(dir, "src"), os.DirFS(patternTests)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(patternTests, "*.test.mjs"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s (%v)", patternTests, err)
	}
	var imports, suites strings.Builder
	for n, file := range files {
		name := filepath.Base(file)
		fmt.Fprintf(&imports, "import suite%d from \"./%s\";\n", n, name)
		fmt.Fprintf(&suites, "  %q: suite%d,\n", strings.TrimSuffix(name, ".test.mjs"), n)
	}
	code := imports.String() + "const suites = {\n" + suites.String() + "};\n" + patternRunner
	write(t, filepath.Join(dir, "src", "index.mjs"), code)
	return dir
}
