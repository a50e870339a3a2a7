package tui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// The SQL console.

func (m *model) whyNoSQL() string {
	if why := m.whyEmpty(); why != "" {
		return why
	}
	if m.sql.problem != "" {
		return m.sql.problem
	}
	return m.whyOffline()
}

func (m *model) whyNoTable() string {
	if why := m.whyNoSQL(); why != "" {
		return why
	}
	if _, ok := m.sql.Table(); !ok {
		return "there are no tables"
	}
	return ""
}

func (m *model) openConsole() tea.Cmd {
	m.sql.typing = true
	return nil
}

func (m *model) browseTable() tea.Cmd {
	statement, _ := m.sql.Browse()
	return m.query(statement)
}

func (m *model) defineTable() tea.Cmd {
	m.sql.Define()
	return nil
}

// consoleKey takes a key while a statement is typed.
func (m *model) consoleKey(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "esc":
		m.sql.typing = false
	case "enter":
		statement := strings.TrimSpace(m.sql.console.text())
		if statement == "" {
			return nil
		}
		m.sql.console.set("")
		return m.query(statement)
	case "up", "ctrl+p":
		m.sql.Recall(1)
	case "down", "ctrl+n":
		m.sql.Recall(-1)
	case "tab":
		if names := m.sql.Complete(); len(names) > 0 {
			m.say(m.style.dim, strings.Join(names, "  "))
		}
	case "pgup", "pgdown":
		m.sql.grid.press(msg.String(), m.sql.gridRows())
	default:
		m.sql.console.press(msg)
	}
	return nil
}

// query runs a statement, and reads the tables again when it wrote.
func (m *model) query(statement string) tea.Cmd {
	m.sql.Ask(statement)
	v, api := m.visit, m.api
	return ask(m, func(ctx context.Context) (inspect.SQLResult, error) {
		return api.SQL(ctx, v.scope.ref, inspect.SQLQuery{SQL: statement, Limit: 1000})
	}, func(m *model, r inspect.SQLResult, err error) tea.Cmd {
		if v.scope != m.visit.scope || m.sql.asked != statement {
			return nil
		}
		m.sql.Answer(r, err)
		if err != nil || r.RowsWritten == 0 || m.tab != sqlTab {
			return nil
		}
		return m.refetch()
	})
}
