"""What the dashboards show. Services are found by their metrics, so a new one is on all of them without an edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.observability.objectives import Objective, Objectives
from deploy.observability.panels import Board, Panel, Query, Section, Variable
from deploy.observability.rules import ratio

_HTTP = "http_server_request_duration_seconds"
_EDGE = "traefik_entrypoint_request_duration_seconds"
_UPSTREAM = "traefik_service_request_duration_seconds"


def all_dashboards(objectives: Objectives) -> dict[str, dict[str, Any]]:
    """The JSON of each by its name."""
    boards = [
        _platform(objectives),
        _service(objectives),
        _events(objectives),
        _gateway(objectives),
        _database(objectives),
    ]
    return {board.name: board.rendered() for board in boards}


def _rate(series: str, by: str, matchers: str = "") -> str:
    return f"sum by ({by}) (rate({series}{{{matchers}}}[$__rate_interval]))"


def _quantile(share: float, histogram: str, by: str, matchers: str = "") -> str:
    return f"histogram_quantile({share}, {_rate(f'{histogram}_bucket', f'{by}, le', matchers)})"


def _share(part: str, whole: str) -> str:
    return f"{part} / {whole}"


def _budget_left(one: Objective, objectives: Objectives) -> Panel:
    del objectives
    this = f'{{objective="{one.name}"}}'
    legend = " ".join(f"{{{{{label}}}}}" for label in one.by)
    return Panel(
        one.name,
        "percentunit",
        [Query(f"1 - {ratio('3d')}{this} / {one.budget:.10g}", legend)],
        f"{one.title} ({one.target:.1%}). What is left of the error budget at the pace of the last three days.",
        bad_below=0,
        number=True,
    )


def _platform(objectives: Objectives) -> Board:
    bounds = objectives.bounds
    now = [
        Panel(
            "Processes", "short", [Query("sum by (job) (up)")], "Those that answer.", number=True
        ),
        Panel(
            "Versions",
            "short",
            [Query("count by (job, version) (rapport_build_info)", "{{job}} {{version}}")],
            number=True,
        ),
        Panel(
            "Parts that do not work",
            "short",
            [
                Query(
                    "count by (job, part) (service_part_healthy == 0) or vector(0)",
                    "{{job}} {{part}}",
                )
            ],
            bad_above=1,
            number=True,
        ),
        Panel(
            "Dead letters in an hour",
            "short",
            [Query("sum by (consumer) (increase(dead_letters_total[1h]))", "{{consumer}}")],
            bad_above=1,
            number=True,
        ),
    ]
    traffic = [
        Panel("Requests", "reqps", [Query(_rate(f"{_HTTP}_count", "job"))]),
        Panel(
            "Share of 5xx",
            "percentunit",
            [
                Query(
                    _share(
                        _rate(f"{_HTTP}_count", "job", 'status=~"5.."'),
                        _rate(f"{_HTTP}_count", "job"),
                    )
                )
            ],
            bad_above=objectives.named("api-availability").budget,
        ),
        Panel(
            "99 of 100 are faster than",
            "s",
            [Query(_quantile(0.99, _HTTP, "job"))],
            bad_above=objectives.named("api-latency").within,
        ),
        Panel(
            "From fact to effect, 99 of 100",
            "s",
            [Query(_quantile(0.99, "consumer_fact_delay_seconds", "job", 'lane="interactive"'))],
            bad_above=objectives.named("fact-delivery").within,
        ),
        Panel(
            "Messages handed over",
            "cps",
            [
                Query(
                    _rate("messages_attempts_total", "channel, outcome"), "{{channel}} {{outcome}}"
                )
            ],
        ),
        Panel(
            "Memory",
            "bytes",
            [Query("max by (job) (process_resident_memory_bytes)")],
            "Of the largest process of each.",
            bad_above=bounds["memory_bytes"],
        ),
    ]
    budgets = [_budget_left(one, objectives) for one in objectives.objectives]
    sections = [
        Section("Now", now),
        Section("Error budgets", budgets),
        Section("Rate, errors, duration", traffic),
    ]
    return Board(
        "platform", "Rapport: platform", "Whether all is well, and if not, where.", sections
    )


def _service(objectives: Objectives) -> Board:
    this = 'job="$service"'
    return Board(
        "service",
        "Rapport: service",
        "One service: its requests, its calls, its work, its processes.",
        [
            Section("Requests by route", _requests(this, objectives)),
            Section("Calls between services", _calls(this)),
            Section("Timers, jobs, periodic work", _work(this, objectives)),
            Section("Sending", _sending(this, objectives)),
            Section("Processes", _processes(this, objectives)),
        ],
        [Variable("service", "job", "service_part_healthy")],
    )


def _requests(this: str, objectives: Objectives) -> Sequence[Panel]:
    route = "{{method}} {{route}}"
    return [
        Panel("Rate", "reqps", [Query(_rate(f"{_HTTP}_count", "method, route", this), route)]),
        Panel(
            "Errors",
            "reqps",
            [
                Query(
                    _rate(f"{_HTTP}_count", "method, route, status", f'{this}, status=~"5..|429"'),
                    f"{route} {{{{status}}}}",
                )
            ],
        ),
        Panel(
            "Duration, 99 of 100",
            "s",
            [Query(_quantile(0.99, _HTTP, "method, route", this), route)],
            bad_above=objectives.named("api-latency").within,
        ),
        Panel(
            "Answers by status",
            "reqps",
            [Query(_rate(f"{_HTTP}_count", "status", this), "{{status}}")],
        ),
        Panel(
            "Over a client's limit",
            "reqps",
            [Query(_rate("rate_limited_requests_total", "job", this))],
        ),
        Panel(
            "Streams",
            "short",
            [Query(f"sum by (route) (streams_open{{{this}}})", "open {{route}}")],
        ),
    ]


def _calls(this: str) -> Sequence[Panel]:
    return [
        Panel(
            "gRPC calls answered",
            "reqps",
            [
                Query(
                    _rate("rpc_server_duration_seconds_count", "method, code", this),
                    "{{method}} {{code}}",
                )
            ],
        ),
        Panel(
            "Calls of peers",
            "reqps",
            [
                Query(
                    _rate("rpc_client_duration_seconds_count", "peer, method, outcome", this),
                    "{{peer}} {{method}} {{outcome}}",
                )
            ],
        ),
        Panel(
            "Calls of peers, 99 of 100",
            "s",
            [
                Query(
                    _quantile(0.99, "rpc_client_duration_seconds", "peer, method", this),
                    "{{peer}} {{method}}",
                )
            ],
        ),
        Panel(
            "Breakers",
            "short",
            [Query(f"max by (peer) (rpc_client_breaker_open{{{this}}})", "{{peer}}")],
            "1 while the peer is left alone.",
            bad_above=1,
        ),
    ]


def _work(this: str, objectives: Objectives) -> Sequence[Panel]:
    bounds = objectives.bounds
    return [
        Panel(
            "Timers",
            "cps",
            [Query(_rate("timers_fired_total", "kind, outcome", this), "{{kind}} {{outcome}}")],
        ),
        Panel(
            "Timers overdue",
            "s",
            [Query(f"min by (job) (timers_overdue_seconds{{{this}}})")],
            bad_above=bounds["timers_overdue_seconds"],
        ),
        Panel(
            "Jobs",
            "short",
            [
                Query(f"sum by (kind) (jobs_running{{{this}}})", "{{kind}} running"),
                Query(
                    f"sum by (kind, state) (increase(jobs_ended_total{{{this}}}[$__rate_interval]))",
                    "{{kind}} {{state}}",
                ),
            ],
        ),
        Panel(
            "Oldest job",
            "s",
            [Query(f"max by (state) (jobs_oldest_age_seconds{{{this}}})", "{{state}}")],
            bad_above=bounds["job_queued_seconds"],
        ),
        Panel(
            "Periodic work, time since it was done",
            "s",
            [
                Query(
                    f"time() - max by (work) (periodic_last_success_timestamp_seconds{{{this}}})",
                    "{{work}}",
                )
            ],
        ),
        Panel(
            "Periodic work that failed",
            "short",
            [
                Query(
                    f'sum by (work) (increase(periodic_runs_total{{{this}, outcome="failed"}}[1h]))',
                    "{{work}}",
                )
            ],
            bad_above=1,
        ),
    ]


def _sending(this: str, objectives: Objectives) -> Sequence[Panel]:
    return [
        Panel(
            "Messages by channel and outcome",
            "cps",
            [
                Query(
                    _rate("messages_attempts_total", "channel, outcome", this),
                    "{{channel}} {{outcome}}",
                )
            ],
        ),
        Panel(
            "Wait of due messages, 99 of 100",
            "s",
            [Query(_quantile(0.99, "messages_due_delay_seconds", "lane", this), "{{lane}}")],
            bad_above=objectives.named("sending-delay").within,
        ),
        Panel(
            "Webhooks",
            "cps",
            [
                Query(
                    _rate("webhooks_attempt_duration_seconds_count", "outcome", this), "{{outcome}}"
                ),
                Query(_rate("webhooks_refused_total", "reason", this), "refused: {{reason}}"),
            ],
        ),
    ]


def _processes(this: str, objectives: Objectives) -> Sequence[Panel]:
    pod = "{{instance}}"
    return [
        Panel(
            "Memory",
            "bytes",
            [Query(f"process_resident_memory_bytes{{{this}}}", pod)],
            bad_above=objectives.bounds["memory_bytes"],
        ),
        Panel(
            "Processors in use",
            "short",
            [Query(_rate("process_cpu_seconds_total", "instance", this), pod)],
        ),
        Panel("Threads", "short", [Query(f"process_threads{{{this}}}", pod)]),
        Panel(
            "Garbage collections",
            "cps",
            [
                Query(
                    _rate("python_gc_collections_total", "instance, generation", this),
                    f"{pod} {{{{generation}}}}",
                )
            ],
        ),
        Panel(
            "Open files and connections",
            "percentunit",
            [Query(f"process_open_fds{{{this}}} / process_max_fds{{{this}}}", pod)],
            bad_above=0.8,
        ),
        Panel("Up for", "s", [Query(f"time() - process_start_time_seconds{{{this}}}", pod)]),
        Panel(
            "Parts",
            "short",
            [Query(f"min by (role, part) (service_part_healthy{{{this}}})", "{{role}} {{part}}")],
            "1 while a part can do its work.",
            bad_below=1,
        ),
    ]


def _events(objectives: Objectives) -> Board:
    bounds = objectives.bounds
    outbox = [
        Panel("Published", "cps", [Query(_rate("outbox_published_total", "job"))]),
        Panel(
            "Oldest fact in the outbox",
            "s",
            [Query("max by (job, lane) (outbox_oldest_age_seconds)", "{{job}} {{lane}}")],
            bad_above=bounds["outbox_age_seconds"],
        ),
        Panel(
            "Facts in the outbox",
            "short",
            [Query("max by (job, lane) (outbox_pending)", "{{job}} {{lane}}")],
        ),
    ]
    consumers = [
        Panel(
            "Reactions by event",
            "cps",
            [
                Query(
                    _rate(
                        "consumer_duration_seconds_count", "job, type, outcome", 'job=~"$service"'
                    ),
                    "{{job}} {{type}} {{outcome}}",
                )
            ],
        ),
        Panel(
            "Duration of reactions, 99 of 100",
            "s",
            [
                Query(
                    _quantile(0.99, "consumer_duration_seconds", "job, type", 'job=~"$service"'),
                    "{{job}} {{type}}",
                )
            ],
        ),
        Panel(
            "From fact to effect, 99 of 100",
            "s",
            [
                Query(
                    _quantile(0.99, "consumer_fact_delay_seconds", "consumer, lane"),
                    "{{consumer}} {{lane}}",
                )
            ],
            bad_above=objectives.named("fact-delivery").within,
        ),
        Panel(
            "Lag",
            "short",
            [Query("max by (consumer) (consumer_pending)", "{{consumer}}")],
            bad_above=bounds["consumer_pending"],
        ),
        Panel(
            "Dead letters",
            "short",
            [
                Query(
                    "sum by (consumer, type) (increase(dead_letters_total[1h]))",
                    "{{consumer}} {{type}}",
                )
            ],
            bad_above=1,
        ),
    ]
    broker = [
        Panel(
            "Disk of the broker",
            "percentunit",
            [Query("max(broker_storage_used_bytes / broker_storage_limit_bytes)", "used")],
            bad_above=bounds["broker_storage_share"],
        ),
        Panel(
            "Streams",
            "percentunit",
            [
                Query(
                    "max by (stream) (stream_stored_bytes / (stream_limit_bytes > 0))", "{{stream}}"
                )
            ],
            bad_above=bounds["stream_share"],
        ),
    ]
    sections = [
        Section("Outbox", outbox),
        Section("Consumers", consumers),
        Section("Broker", broker),
    ]
    about = "Facts on their way: outbox, broker, consumers."
    variables = [Variable("service", "job", "consumer_pending")]
    return Board("events", "Rapport: events", about, sections, variables)


def _gateway(objectives: Objectives) -> Board:
    web = 'entrypoint="web"'
    front = [
        Panel("Requests", "reqps", [Query(_rate(f"{_EDGE}_count", "code", web), "{{code}}")]),
        Panel(
            "Share of 5xx",
            "percentunit",
            [
                Query(
                    _share(
                        _rate(f"{_EDGE}_count", "job", f'{web}, code=~"5.."'),
                        _rate(f"{_EDGE}_count", "job", web),
                    )
                )
            ],
            bad_above=objectives.named("gateway-availability").budget,
        ),
        Panel(
            "Duration",
            "s",
            [
                Query(_quantile(share, _EDGE, "job", web), f"{share:.0%} are faster")
                for share in (0.5, 0.95, 0.99)
            ],
        ),
        Panel(
            "Open connections",
            "short",
            [Query("sum by (entrypoint) (traefik_open_connections)", "{{entrypoint}}")],
        ),
    ]
    behind = [
        Panel(
            "Requests by service",
            "reqps",
            [Query(_rate(f"{_UPSTREAM}_count", "service"), "{{service}}")],
        ),
        Panel(
            "Errors by service",
            "reqps",
            [
                Query(
                    _rate(f"{_UPSTREAM}_count", "service, code", 'code=~"5.."'),
                    "{{service}} {{code}}",
                )
            ],
        ),
        Panel(
            "Duration by service, 99 of 100",
            "s",
            [Query(_quantile(0.99, _UPSTREAM, "service"), "{{service}}")],
        ),
        Panel(
            "Servers that pass their check",
            "short",
            [Query("sum by (service) (traefik_service_server_up)", "{{service}}")],
            bad_below=1,
        ),
    ]
    itself = [
        Panel(
            "Time since routes were read",
            "s",
            [Query("time() - traefik_config_last_reload_success")],
        ),
        Panel(
            "Certificates, time left",
            "s",
            [Query("min by (cn) (traefik_tls_certs_not_after) - time()", "{{cn}}")],
            bad_below=objectives.bounds["certificate_days"] * 86_400,
        ),
    ]
    sections = [Section("In front", front), Section("Behind", behind), Section("Itself", itself)]
    return Board("gateway", "Rapport: gateway", "The one address, and what is behind it.", sections)


def _database(objectives: Objectives) -> Board:
    pool = "{{job}} {{pool}} {{instance}}"
    panels = [
        Panel(
            "Use of the pools",
            "percentunit",
            [Query("database_pool_in_use / database_pool_size", pool)],
            bad_above=objectives.bounds["pool_share"],
        ),
        Panel(
            "Connections in use",
            "short",
            [Query("sum by (job, pool) (database_pool_in_use)", "{{job}} {{pool}}")],
        ),
        Panel(
            "Connections that there may be",
            "short",
            [Query("sum by (job, pool) (database_pool_size)", "{{job}} {{pool}}")],
            "All processes together; the server has to allow as many.",
        ),
        Panel(
            "Refused",
            "cps",
            [
                Query(
                    _rate("database_connections_refused_total", "job, reason"), "{{job}} {{reason}}"
                )
            ],
            bad_above=0.1,
        ),
    ]
    about = "How services use their connections; what the server itself does is told by its own exporter."
    return Board("database", "Rapport: database pools", about, [Section("Pools", panels)])
