package tui

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

func (m *model) whyNoTap() string {
	if m.visit.scope.ref.IsZero() {
		return "choose an object: frames are those of one"
	}
	if !m.project.Live {
		return "no server runs; start it with dodev serve"
	}
	return m.whyOffline()
}

func (m *model) tapFrames() tea.Cmd {
	m.sockets.Tap()
	return nil
}

func (m *model) whyNoPause() string {
	if !m.sockets.tapped {
		return "nothing is tapped: t taps the frames"
	}
	return ""
}

func (m *model) pauseTap() tea.Cmd {
	m.sockets.Pause()
	return nil
}

func (m *model) openSend() tea.Cmd         { return m.openMessage(false) }
func (m *model) openSendAsClient() tea.Cmd { return m.openMessage(true) }

// whyNoUse says why nothing can be sent on the socket at the cursor.
func (m *model) whyNoUse() string {
	if k, ok := m.sockets.Selected(); ok && k.State == inspect.SocketClosing {
		return "the socket is closing"
	}
	return m.whyNoSocket()
}

// otherSide is who is at the other end of a socket.
func otherSide(k inspect.Socket) string {
	if k.Outgoing {
		return "other side"
	}
	return "client"
}

func (m *model) openMessage(asClient bool) tea.Cmd {
	k, _ := m.sockets.Selected()
	title, done := fmt.Sprintf("Send to the %s of socket %d", otherSide(k), k.ID), "sent to the "+otherSide(k)
	if asClient {
		title, done = "Send to "+plain(k.Object)+" as the "+otherSide(k)+" of socket "+strconv.Itoa(k.ID), "sent to "+plain(k.Object)
	}
	m.dialog = &prompt{
		title: title, line: newField(""), note: "a text message, or bytes as hex:01ff",
		accept: func(m *model, text string) tea.Cmd {
			a := inspect.Action{Kind: inspect.SendSocket, Object: k.Ref, Socket: k.ID, AsClient: asClient, Text: text}
			if digits, binary := strings.CutPrefix(text, "hex:"); binary {
				data, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
				if err != nil || len(data) == 0 {
					m.complain(fmt.Errorf("%q are no bytes: write two digits for each, such as hex:01ff", digits))
					return nil
				}
				a.Text, a.Data = "", data
			}
			m.dialog = nil
			return m.act(a, done)
		},
	}
	return nil
}

func (m *model) openClose() tea.Cmd         { return m.openEnd(false) }
func (m *model) openCloseAsClient() tea.Cmd { return m.openEnd(true) }

func (m *model) openEnd(asClient bool) tea.Cmd {
	k, _ := m.sockets.Selected()
	title := fmt.Sprintf("Close socket %d of %s with", k.ID, plain(k.Object))
	if asClient {
		title = fmt.Sprintf("Close socket %d of %s as its %s with", k.ID, plain(k.Object), otherSide(k))
	}
	m.dialog = &prompt{
		title: title, line: newField("1000"), note: "a code that close() takes, and a reason",
		accept: func(m *model, text string) tea.Cmd {
			word, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
			code, err := strconv.Atoi(word)
			if err != nil {
				err = fmt.Errorf("%q is no code: write 1000, or 4000 and a reason", word)
			} else if why := inspect.WhyNoClose(code, reason); why != "" {
				err = errors.New(why)
			}
			if err != nil {
				m.complain(err)
				return nil
			}
			m.dialog = nil
			return m.act(inspect.Action{Kind: inspect.CloseSocket, Object: k.Ref, Socket: k.ID, AsClient: asClient, Code: code, Text: reason}, fmt.Sprintf("closed socket %d", k.ID))
		},
	}
	return nil
}
