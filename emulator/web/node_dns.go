package web

import (
	"context"
	"encoding/json"
	"errors"
	"net"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// nodeDNS begins to ask for the records of a name. Offline there is nobody to
// ask.
func (h *host) nodeDNS(c engine.Call) error {
	kind, name := c.String(0), c.String(1)
	op := h.loop.Begin(loop.Fetch)
	op.Describe(func() (string, string) { return "resolve " + name, "" })
	c.Return(engine.Int(op.ID()))
	if h.opts.Fetch.Offline {
		h.loop.Send(func() { op.Done(func() { h.settle(op, engine.String(`{"code":"ECONNREFUSED"}`)) }) })
		return nil
	}
	ctx := op.Context()
	h.loop.Send(func() {
		go func() {
			answer := dnsAnswer(ctx, kind, name)
			op.Done(func() { h.settle(op, engine.String(answer)) })
		}()
	})
	return nil
}

// dnsAnswer is JSON: the records, or the code of an error.
func dnsAnswer(ctx context.Context, kind, name string) string {
	records, err := dnsRecords(ctx, net.DefaultResolver, kind, name)
	answer := map[string]any{"records": records}
	if err != nil {
		answer = map[string]any{"code": dnsCode(err)}
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return `{"code":"EBADRESP"}`
	}
	return string(data)
}

func dnsCode(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "ENOTFOUND"
	case errors.As(err, &dns) && dns.IsTimeout:
		return "ETIMEOUT"
	}
	return "ESERVFAIL"
}

func dnsRecords(ctx context.Context, r *net.Resolver, kind, name string) (any, error) {
	switch kind {
	case "CNAME":
		target, err := r.LookupCNAME(ctx, name)
		return []string{target}, err
	case "MX":
		found, err := r.LookupMX(ctx, name)
		return collected(found, func(mx *net.MX) any { return map[string]any{"exchange": mx.Host, "priority": mx.Pref} }), err
	case "NS":
		found, err := r.LookupNS(ctx, name)
		return collected(found, func(ns *net.NS) any { return ns.Host }), err
	case "SRV":
		_, found, err := r.LookupSRV(ctx, "", "", name)
		return collected(found, func(s *net.SRV) any {
			return map[string]any{"name": s.Target, "port": s.Port, "priority": s.Priority, "weight": s.Weight}
		}), err
	case "TXT":
		found, err := r.LookupTXT(ctx, name)
		return collected(found, func(text string) any { return []string{text} }), err
	case "PTR":
		return r.LookupAddr(ctx, name)
	}
	return r.LookupHost(ctx, name)
}

func collected[T any](found []T, as func(T) any) []any {
	all := make([]any, len(found))
	for i, one := range found {
		all[i] = as(one)
	}
	return all
}
