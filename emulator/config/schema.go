package config

// scope is what an environment does with a key of the top level.
type scope int

const (
	inherited  scope = iota // an environment without the key has the top level's
	ownOnly                 // an environment without the key has none
	topOnly                 // the key has no meaning in an environment
	nestedOnly              // not a key of the top level at all
)

// support is what this emulator does with a key it knows.
type support int

const (
	emulated    support = iota
	harmless            // has no effect on a local run: accepted in silence
	notEmulated         // has one, which we do not give: said by name
	removed             // the format no longer has it: an error
)

// A field is a key the format knows.
type field struct {
	key      string
	scope    scope
	support  support
	required bool
	shape    shape
	note     string // removed: what to do instead

	// binds is where in the value the names stand that env gets: a path of
	// keys, with * for each element of an array.
	binds string
}

// A shape is what a value must be. The zero shape accepts everything.
type shape struct {
	kinds  []kind
	items  *shape   // each element of an array
	values *shape   // each value of a table whose keys are free
	fields []field  // the keys of a table
	open   bool     // a table may have other keys, which are not looked at
	words  []string // the strings that are accepted
	whole  bool     // a number without fraction or sign
	filled bool     // a string that is not empty
}

func text(words ...string) shape { return shape{kinds: []kind{stringKind}, words: words} }
func filled() shape              { return shape{kinds: []kind{stringKind}, filled: true} }
func truth() shape               { return shape{kinds: []kind{boolKind}} }
func number() shape              { return shape{kinds: []kind{numberKind}} }
func whole() shape               { return shape{kinds: []kind{numberKind}, whole: true} }
func list(of shape) shape        { return shape{kinds: []kind{arrayKind}, items: &of} }
func table(fields ...field) shape {
	return shape{kinds: []kind{tableKind}, fields: fields}
}
func dictionary(of shape) shape { return shape{kinds: []kind{tableKind}, values: &of} }

func optional(key string, s shape) field { return field{key: key, scope: nestedOnly, shape: s} }
func required(key string, s shape) field {
	return field{key: key, scope: nestedOnly, shape: s, required: true}
}
func unheard(key string) field {
	return field{key: key, scope: nestedOnly, support: notEmulated}
}
func ignored(key string) field { return field{key: key, scope: nestedOnly, support: harmless} }

// topLevel returns every key of a configuration file, env aside.
func topLevel() []field {
	return append(append(emulatedFields(), harmlessFields()...), notEmulatedFields()...)
}

func emulatedFields() []field {
	return []field{
		{key: "name", shape: text()},
		{key: "main", shape: filled()},
		{key: "compatibility_date", shape: text()},
		{key: "compatibility_flags", shape: list(text())},
		{key: "vars", scope: ownOnly, shape: dictionary(shape{})},
		{key: "secrets", scope: ownOnly, shape: table(optional("required", list(text())))},
		{key: "durable_objects", scope: ownOnly, binds: "bindings.*.name", shape: table(
			optional("bindings", list(durableObjectShape())),
			optional("code_update_strategy", table(required("mode", text("immediate", "deferred")), optional("max_delay", number()))),
			optional("deployment_grace_period", number()))},
		{key: "services", scope: ownOnly, binds: "*.binding", shape: list(serviceShape())},
		{key: "migrations", shape: list(migrationShape())},
		{key: "exports", shape: shape{kinds: []kind{tableKind}}}, // checked by readExports
		{key: "rules", shape: list(table(
			required("type", text("ESModule", "CommonJS", "CompiledWasm", "Text", "Data")),
			required("globs", list(text())),
			optional("fallthrough", truth())))},
		{key: "alias", scope: topOnly, shape: dictionary(text())},
		{key: "define", scope: ownOnly, shape: dictionary(text())},
		{key: "tsconfig", shape: text()},
		{key: "jsx_factory", shape: text()},
		{key: "jsx_fragment", shape: text()},
		{key: "build", shape: table(optional("command", text()), optional("cwd", text()),
			optional("watch_dir", shape{kinds: []kind{stringKind, arrayKind}, items: &shape{kinds: []kind{stringKind}}}))},
		{key: "no_bundle", shape: truth()},
		{key: "find_additional_modules", shape: truth()},
		{key: "preserve_file_names", shape: truth(), support: harmless},
		{key: "base_dir", shape: text()},
		{key: "minify", shape: truth()},
		{key: "keep_names", shape: truth()},
		{key: "limits", shape: table(optional("cpu_ms", whole()), ignored("subrequests"))},
		{key: "dev", scope: topOnly, shape: devShape()},
	}
}

func durableObjectShape() shape {
	return table(required("name", text()), required("class_name", text()),
		optional("script_name", text()), optional("environment", text()), unheard("remote"))
}

func serviceShape() shape {
	return table(required("binding", text()), required("service", text()),
		optional("environment", text()), optional("entrypoint", text()),
		optional("props", shape{kinds: []kind{tableKind}}), unheard("remote"), unheard("dev"))
}

func migrationShape() shape {
	return table(required("tag", text()),
		optional("new_classes", list(text())),
		optional("new_sqlite_classes", list(text())),
		optional("renamed_classes", list(table(required("from", text()), required("to", text())))),
		optional("deleted_classes", list(text())),
		optional("transferred_classes", list(table(
			required("from", text()), required("from_script", text()), required("to", text())))))
}

func devShape() shape {
	return table(optional("ip", text()), optional("port", whole()),
		optional("local_protocol", text("http", "https")),
		ignored("inspector_port"), ignored("inspector_ip"), ignored("upstream_protocol"),
		ignored("host"), ignored("enable_containers"), ignored("container_engine"),
		ignored("generate_types"))
}

// harmlessFields are those that say how a Worker is deployed, not how it runs.
func harmlessFields() []field {
	var fields []field
	for _, key := range []string{"account_id", "route", "routes", "workers_dev", "preview_urls",
		"logpush", "upload_source_maps", "observability", "access", "cache", "compliance_region",
		"placement", "first_party_worker"} {
		fields = append(fields, field{key: key, support: harmless})
	}
	previews := table(optional("durable_objects", table(required("bindings", list(durableObjectShape())))))
	previews.open = true
	fields = append(fields, field{key: "previews", shape: previews, support: harmless})
	for _, key := range []string{"$schema", "send_metrics", "keep_vars", "dependencies_instrumentation", "addresses"} {
		fields = append(fields, field{key: key, scope: topOnly, support: harmless})
	}
	return fields
}

// notEmulatedFields are products and bindings that a local run would need and
// that this emulator does not have, and those the format has dropped.
func notEmulatedFields() []field {
	fields := []field{
		{key: "triggers"}, {key: "logfwdr", binds: "bindings.*.name"},
		{key: "assets", binds: "binding"}, {key: "python_modules"},
		{key: "site", scope: topOnly}, {key: "pages_build_output_dir", scope: topOnly},
	}
	for _, key := range []string{"wasm_modules", "text_blobs", "data_blobs"} {
		fields = append(fields, field{key: key, scope: topOnly, binds: "*"})
	}
	for _, key := range []string{"containers", "cloudchamber", "connect", "tail_consumers", "streaming_tail_consumers"} {
		fields = append(fields, field{key: key, scope: ownOnly})
	}
	for _, key := range []string{"browser", "ai", "images", "stream", "media", "version_metadata", "websearch"} {
		fields = append(fields, field{key: key, scope: ownOnly, binds: "binding"})
	}
	for _, key := range []string{"kv_namespaces", "r2_buckets", "d1_databases", "vectorize", "ai_search_namespaces",
		"ai_search", "agent_memory", "hyperdrive", "workflows", "analytics_engine_datasets", "dispatch_namespaces",
		"mtls_certificates", "pipelines", "secrets_store_secrets", "artifacts", "unsafe_hello_world", "flagship",
		"worker_loaders", "vpc_services", "vpc_networks"} {
		fields = append(fields, field{key: key, scope: ownOnly, binds: "*.binding"})
	}
	fields = append(fields,
		field{key: "queues", scope: ownOnly, binds: "producers.*.binding"},
		field{key: "send_email", scope: ownOnly, binds: "*.name"},
		field{key: "ratelimits", scope: ownOnly, binds: "*.name"},
		field{key: "unsafe", scope: ownOnly, binds: "bindings.*.name"})
	for i := range fields {
		fields[i].support = notEmulated
	}
	return append(fields,
		field{key: "legacy_env", scope: topOnly, support: removed,
			note: "remove it: each environment is a Worker of its own, named <name>-<environment>"},
		field{key: "node_compat", support: removed,
			note: `remove it and add "nodejs_compat" to compatibility_flags`})
}
