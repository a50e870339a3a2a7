package main

import (
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// planEvent shows what is not applied to who has asked for it.
type planEvent struct {
	plan inspect.MigrationPlan
	at   time.Time
}

func (planEvent) severity() severity { return infoLevel }

func (planEvent) trouble() bool { return true }

func (e planEvent) text(p painter) string {
	var b strings.Builder
	b.WriteString(p.dim(e.at.Format(clock)) + "  not applied: " + strings.Join(e.plan.Pending, ", "))
	printPlan(&b, p, e.plan)
	return b.String()
}

func (e planEvent) json() any {
	return entryJSON{Time: isoTime(e.at), Type: "notice", Level: severityNames[infoLevel-silent], Text: "not applied: " + strings.Join(e.plan.Pending, ", ")}
}
