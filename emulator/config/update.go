package config

import (
	"math"
	"time"
)

// A CodeUpdate says how a deploy brings new code to objects that are busy.
// https://developers.cloudflare.com/durable-objects/deployments/durable-objects-code-updates/
type CodeUpdate struct {
	// Immediate resets them at once.
	Immediate bool
	// MaxDelay is how long they may keep their code otherwise.
	MaxDelay time.Duration
}

const (
	defaultUpdateDelay = 300
	maxUpdateDelay     = 24 * 60 * 60
	maxGracePeriod     = 300
)

// Delay is how long a busy object keeps its code.
func (u CodeUpdate) Delay() time.Duration {
	if u.Immediate {
		return 0
	}
	return u.MaxDelay
}

// readCodeUpdate reads what becomes of busy objects when the code is updated:
// code_update_strategy, or the grace period that came before it.
func (l *loader) readCodeUpdate() {
	u := &l.config.CodeUpdate
	u.MaxDelay = seconds(defaultUpdateDelay)
	table := l.view.get("durable_objects")
	strategy, grace := table.get("code_update_strategy"), table.member("deployment_grace_period")
	if grace != nil && grace.value.kind == numberKind && l.delay(grace.value, "deployment_grace_period", maxGracePeriod) {
		u.MaxDelay = seconds(grace.value.number)
		l.warnGracePeriod(grace, !strategy.empty())
	}
	if strategy == nil || strategy.kind != tableKind {
		return
	}
	u.Immediate = strategy.get("mode").string() == "immediate"
	delay := strategy.get("max_delay")
	u.MaxDelay = seconds(defaultUpdateDelay)
	if delay != nil && delay.kind == numberKind && l.delay(delay, "code_update_strategy.max_delay", maxUpdateDelay) {
		u.MaxDelay = seconds(delay.number)
	}
}

// delay reports a number of seconds that a deploy would refuse.
func (l *loader) delay(n *node, key string, most float64) bool {
	switch {
	case !(n.number >= 0 && n.number <= most):
		l.report.errorf(n.pos, "wrong-value", "\"durable_objects.%s\" is %s, want 0 to %g seconds", key, n.json(), most)
		return false
	case math.Abs(n.number*1000-math.Round(n.number*1000)) > 1e-6:
		l.report.errorf(n.pos, "wrong-value", "\"durable_objects.%s\" is %s, want whole milliseconds", key, n.json())
		return false
	}
	return true
}

func (l *loader) warnGracePeriod(grace *member, replaced bool) {
	p := l.report.warnf(grace.pos, "replaced-key", "\"durable_objects.deployment_grace_period\" has been replaced by \"code_update_strategy\"")
	if replaced {
		p.hint("remove it")
		return
	}
	if hasExtension(l.config.Path, ".toml") {
		p.hint("write code_update_strategy = { mode = \"deferred\", max_delay = %s }", grace.value.json())
		return
	}
	p.hint("write \"code_update_strategy\": { \"mode\": \"deferred\", \"max_delay\": %s }", grace.value.json())
}

func seconds(n float64) time.Duration { return time.Duration(math.Round(n*1000)) * time.Millisecond }
