package emulator_test

import (
	"strings"
	"testing"
)

// answering is a project whose handlers leave work to the jobs after them.
const answering = `
-- wrangler.toml --
name = "answering"
main = "src/index.js"
compatibility_date = "DATE"
-- src/index.js --
const unhandled = [];
addEventListener("unhandledrejection", (event) => {
  unhandled.push(String(event.reason));
  event.preventDefault();
});

const handlers = {
  "/later": async () => {
    const response = new Response("x");
    queueMicrotask(() => response.headers.set("x-set", "later"));
    return response;
  },
  "/throws": async () => {
    await 0;
    throw new Error("thrown");
  },
  "/unhandled": () => Response.json(unhandled),
  "/nothing": async () => {},
  "/same": async () => (handlers.kept ??= new Response("once")),
};

export default {
  fetch: (request) => handlers[new URL(request.url).pathname](),
};
`

func serveAnswering(t *testing.T, date string) *project {
	t.Parallel()
	return serve(t, extract(t, strings.Replace(answering, "DATE", date, 1)))
}

func TestResponseIsTakenWhenTheJobsOfItsTurnAreDone(t *testing.T) {
	p := serveAnswering(t, "2026-11-01")
	res, err := p.try(request{path: "/later"})
	if err != nil {
		t.Fatal(err)
	}
	_ = p.read(res)
	for _, h := range res.Header {
		if h == [2]string{"x-set", "later"} {
			return
		}
	}
	t.Errorf("headers are %q, want one that a microtask has set", res.Header)
}

func TestErrorOfAHandlerIsNoUnhandledRejection(t *testing.T) {
	for _, date := range []string{"2024-01-01", "2026-11-01"} {
		t.Run(date, func(t *testing.T) {
			p := serveAnswering(t, date)
			if _, err := p.try(request{path: "/throws"}); err == nil || !strings.Contains(err.Error(), "thrown") {
				t.Errorf("got %v, want the error", err)
			}
			p.want(request{path: "/unhandled"}, 200, "[]")
		})
	}
}

func TestHandlerMustGiveAResponseThatIsUnread(t *testing.T) {
	p := serveAnswering(t, "2026-11-01")
	if _, err := p.try(request{path: "/nothing"}); err == nil || !strings.Contains(err.Error(), "did not resolve to 'Response'") {
		t.Errorf("nothing: got %v", err)
	}
	p.want(request{path: "/same"}, 200, "once")
	if _, err := p.try(request{path: "/same"}); err == nil || !strings.Contains(err.Error(), "Body has already been used") {
		t.Errorf("a response given twice: got %v", err)
	}
}
