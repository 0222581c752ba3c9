"""The alerts that are about no budget: something stands still, is full, or runs out soon."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from deploy.observability.objectives import Objectives


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. A `page` is for now, by day or night; a `ticket` for the next working day."""

    group: str
    name: str
    severity: str
    expr: str
    lasting: str
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """The name of its runbook: its own in lower case with hyphens."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.name).lower()


def plain_alerts(objectives: Objectives) -> Iterator[Alert]:
    """All of them; what is too much is told by the objectives' bounds."""
    makers: tuple[Callable[[Objectives], Iterator[Alert]], ...] = (
        _processes,
        _outbox,
        _consumers,
        _broker,
        _database,
        _work,
        _sending,
        _edge,
    )
    return chain.from_iterable(make(objectives) for make in makers)


def _processes(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "processes",
        "TargetDown",
        "page",
        "max by (job) (up) == 0",
        "3m",
        "{{ $labels.job }}: no process answers",
        "Prometheus has read no metrics of any process of {{ $labels.job }} for three minutes.",
    )
    yield Alert(
        "processes",
        "PartUnhealthy",
        "ticket",
        'min by (job, role, part) (service_part_healthy{part!~"Relay|ConsumerGroup"}) == 0',
        "5m",
        "{{ $labels.job }}: {{ $labels.part }} does not work",
        "A part of the role {{ $labels.role }} has not been able to do its work for five minutes.",
    )
    yield Alert(
        "processes",
        "PreparationFails",
        "page",
        'max by (namespace, job_name) (kube_job_failed{condition="true", job_name=~".+-prepare.*"}) == 1',
        "1m",
        "{{ $labels.job_name }} has failed: the roll-out has stopped",
        "The job that migrates the database and provisions the broker has failed; the version before goes on serving.",
    )
    yield Alert(
        "processes",
        "VersionsMixed",
        "ticket",
        "count by (job) (count by (job, version) (rapport_build_info)) > 1",
        f"{objectives.bounds['versions_mixed_seconds'] / 60:.0f}m",
        "{{ $labels.job }}: two versions run side by side",
        "A roll-out takes minutes; this one has not come to its end.",
    )
    yield Alert(
        "processes",
        "MemoryHigh",
        "ticket",
        "max by (job, instance) (process_resident_memory_bytes)"
        f" > {objectives.bound('memory_bytes')}",
        "15m",
        "{{ $labels.instance }} of {{ $labels.job }} takes {{ $value | humanize1024 }}B",
        "Near the limit of its container it is killed.",
    )
    yield Alert(
        "processes",
        "StreamsFail",
        "ticket",
        'sum by (job, route) (rate(streams_ended_total{reason="failed"}[15m])) > 0.1',
        "15m",
        "{{ $labels.job }}: streams at {{ $labels.route }} end by errors",
        "Readers come again by themselves; each time they may wait for what they were to be told.",
    )


def _outbox(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "outbox",
        "RelayStandsStill",
        "page",
        'max by (job) (outbox_oldest_age_seconds{lane="interactive"})'
        f" > {objectives.bound('outbox_age_seconds')}",
        "2m",
        "{{ $labels.job }}: facts are not published",
        "The oldest fact in the outbox is {{ $value | humanizeDuration }} old. No fact is lost; nobody hears of it yet.",
    )
    yield Alert(
        "outbox",
        "BulkLaneFallsBehind",
        "ticket",
        'max by (job) (outbox_oldest_age_seconds{lane="bulk"})'
        f" > {objectives.bound('outbox_bulk_age_seconds')}",
        "15m",
        "{{ $labels.job }}: facts of imports wait for {{ $value | humanizeDuration }}",
        "Imports publish in a slow lane, which has come to a stand or is far too slow.",
    )
    yield Alert(
        "outbox",
        "RelayMissing",
        "page",
        'max by (job) (service_part_healthy{part="Relay"})'
        " unless on (job) max by (job) (outbox_oldest_age_seconds)",
        "5m",
        "{{ $labels.job }}: no relay is at work",
        "Whichever relay is at work measures the outbox; no process does.",
    )


def _consumers(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "consumers",
        "ConsumerFallsBehind",
        "ticket",
        f"max by (job, consumer) (consumer_pending) > {objectives.bound('consumer_pending')}\n"
        "and max by (job, consumer) (deriv(consumer_pending[15m])) >= 0",
        "15m",
        "{{ $labels.consumer }} is {{ $value }} facts behind, and not catching up",
        "More facts come than the consumer applies.",
    )
    yield Alert(
        "consumers",
        "ConsumerStandsStill",
        "page",
        "max by (job, consumer) (min_over_time(consumer_pending[10m])) > 0\n"
        'unless on (job, consumer) sum by (job, consumer) (rate(consumer_duration_seconds_count{outcome=~"applied|duplicate|dead"}[10m])) > 0',
        "5m",
        "{{ $labels.consumer }} has facts to apply and applies none",
        "{{ $value }} facts wait. Whatever follows from them does not happen.",
    )
    yield Alert(
        "consumers",
        "DeadLetters",
        "ticket",
        # A series that has just begun has no increase: its first value is what is new.
        "sum by (job, consumer, type) (increase(dead_letters_total[15m])) > 0\n"
        "or sum by (job, consumer, type) (dead_letters_total"
        " unless dead_letters_total offset 15m) > 0",
        "0m",
        "{{ $labels.consumer }} has given up facts of the type {{ $labels.type }}",
        "They lie in the stream of dead letters until somebody replays them.",
    )


def _broker(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "broker",
        "BrokerUnreachable",
        "page",
        'max by (job) (service_part_healthy{part=~"Relay|ConsumerGroup"}) == 0',
        "2m",
        "{{ $labels.job }} does not reach the broker",
        "Requests go on and facts are kept; no service hears of what happens in another.",
    )
    yield Alert(
        "broker",
        "BrokerDiskFills",
        "page",
        "max(broker_storage_used_bytes / broker_storage_limit_bytes)"
        f" > {objectives.bound('broker_storage_share')}",
        "5m",
        "The broker has used {{ $value | humanizePercentage }} of its disk",
        "When it is full no fact is taken any more.",
    )
    yield Alert(
        "broker",
        "StreamFills",
        "ticket",
        "max by (stream) (stream_stored_bytes / (stream_limit_bytes > 0))"
        f" > {objectives.bound('stream_share')}",
        "5m",
        "{{ $labels.stream }} is full to {{ $value | humanizePercentage }}",
        "A full stream refuses new facts; they stay in the outbox.",
    )


def _database(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "database",
        "DatabasePoolExhausted",
        "page",
        "max by (job, instance, pool) (min_over_time((database_pool_in_use / database_pool_size)[5m:30s]))"
        f" > {objectives.bound('pool_share')}\n"
        'or sum by (job) (rate(database_connections_refused_total{reason="pool_exhausted"}[5m])) > 0.1',
        "2m",
        "{{ $labels.job }}: all connections to the database are in use",
        "Requests wait for a connection, and are refused with 503 after five seconds.",
    )
    yield Alert(
        "database",
        "DatabaseUnreachable",
        "page",
        'sum by (job) (rate(database_connections_refused_total{reason="unreachable"}[5m])) > 0.05',
        "2m",
        "{{ $labels.job }} does not reach its database",
        "The service answers 503 until the database is back.",
    )


def _work(objectives: Objectives) -> Iterator[Alert]:
    # What has never succeeded is counted from when its process began.
    overdue = (
        "time() - (max by (job, work) (periodic_last_success_timestamp_seconds{%(which)s})\n"
        "or max by (job, work) (0 * periodic_interval_seconds{%(which)s}"
        " + on (job, instance) group_left () process_start_time_seconds))\n"
        f"> {objectives.bound('periodic_intervals')}"
        " * max by (job, work) (periodic_interval_seconds{%(which)s})"
    )
    yield Alert(
        "work",
        "TimersLate",
        "ticket",
        f"min by (job) (timers_overdue_seconds) > {objectives.bound('timers_overdue_seconds')}",
        "5m",
        "{{ $labels.job }}: timers are {{ $value | humanizeDuration }} late",
        "Reminders, escalations and delayed steps happen too late.",
    )
    yield Alert(
        "work",
        "TimersFail",
        "ticket",
        'sum by (job, kind) (increase(timers_fired_total{outcome="failed"}[30m])) > 3',
        "0m",
        "{{ $labels.job }}: timers of the kind {{ $labels.kind }} fail",
        "Each is tried again, ever more rarely, and never given up.",
    )
    yield Alert(
        "work",
        "PeriodicWorkOverdue",
        "ticket",
        overdue % {"which": 'work!="signing keys"'},
        "10m",
        "{{ $labels.job }}: {{ $labels.work }} has not been done",
        "Nobody feels it today; what is not pruned grows, and what is not forgotten stays.",
    )
    yield Alert(
        "work",
        "SigningKeysNotKept",
        "page",
        overdue % {"which": 'work="signing keys"'},
        "10m",
        "{{ $labels.job }}: the keys that sign tokens are not looked after",
        "When the key in use expires without a successor, nobody can sign in.",
    )
    yield Alert(
        "work",
        "JobsWait",
        "ticket",
        'max by (job) (jobs_oldest_age_seconds{state="queued"})'
        f" > {objectives.bound('job_queued_seconds')}",
        "5m",
        "{{ $labels.job }}: a job waits for {{ $value | humanizeDuration }}",
        "Imports and exports that users have begun do not begin.",
    )
    yield Alert(
        "work",
        "JobStuck",
        "ticket",
        'max by (job) (jobs_oldest_age_seconds{state="running"})'
        f" > {objectives.bound('job_running_seconds')}",
        "15m",
        "{{ $labels.job }}: a job has run for {{ $value | humanizeDuration }}",
        "It is claimed and not ended: very large, or hanging.",
    )
    yield Alert(
        "work",
        "JobsFail",
        "ticket",
        'sum by (job, kind) (increase(jobs_ended_total{state="failed"}[1h])) > 3',
        "0m",
        "{{ $labels.job }}: jobs of the kind {{ $labels.kind }} fail",
        "Users see the error in the job; several an hour are no user's mistake any more.",
    )
    yield Alert(
        "work",
        "BreakerOpen",
        "ticket",
        "min by (job, peer) (rpc_client_breaker_open) == 1",
        "5m",
        "{{ $labels.job }} leaves {{ $labels.peer }} alone after failures",
        "What needs an answer of {{ $labels.peer }} is refused or does without it.",
    )


def _sending(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "sending",
        "WebhooksGivenUp",
        "ticket",
        'sum by (job) (rate(webhooks_attempt_duration_seconds_count{outcome="given_up"}[1h]))\n'
        "/ sum by (job) (rate(webhooks_attempt_duration_seconds_count[1h]))"
        f" > {objectives.bound('webhook_given_up_share')}",
        "30m",
        "{{ $value | humanizePercentage }} of webhook attempts are the last, and in vain",
        "Apps of tenants are not told of what they have asked for.",
    )


def _edge(objectives: Objectives) -> Iterator[Alert]:
    yield Alert(
        "edge",
        "CertificateExpires",
        "ticket",
        "min by (cn, sans) (traefik_tls_certs_not_after) - time()"
        f" < {objectives.bounds['certificate_days'] * 86400:.0f}",
        "1h",
        "The certificate of {{ $labels.cn }} expires in {{ $value | humanizeDuration }}",
        "From then on no client speaks to the gateway.",
    )
    yield Alert(
        "edge",
        "ClientsLimited",
        "ticket",
        "sum by (job) (rate(rate_limited_requests_total[15m]))\n"
        "/ sum by (job) (rate(http_server_request_duration_seconds_count[15m]))"
        f" > {objectives.bound('rate_limited_share')}",
        "15m",
        "{{ $labels.job }}: {{ $value | humanizePercentage }} of requests are over a client's limit",
        "A client calls in a loop, or the limit is too low for what it does.",
    )
