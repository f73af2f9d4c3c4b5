-- What Alertmanager and Grafana send becomes tickets.

alter table queue add column alerts_close boolean not null default false;
comment on column queue.alerts_close is 'Whether a ticket of alerts is closed when none of them fires any more.';

-- A token that brings alerts into a queue, and does nothing else: it acts for nobody and has no scope.
alter table api_token
    alter column agent_id drop not null,
    add column alert_queue_id bigint references queue,
    drop constraint api_token_scopes_check,
    add constraint api_token_scopes_check check (scopes <@ array['read', 'note', 'write', 'mail']),
    add constraint api_token_is_for_something check ((agent_id is null) = (alert_queue_id is not null)
        and (agent_id is null) = (scopes = '{}'));
comment on column api_token.agent_id is 'The agent in whose name it acts: what they may no more, it may no more; null: nobody, it only brings alerts';
comment on column api_token.alert_queue_id is 'Of a token that only brings alerts: the queue in which they become tickets';
comment on column api_token.scopes is 'read, note, write, mail: nothing leaves the house without the last; none: it only brings alerts';

-- Alerts stand in tickets as articles of their own kind, which no mail is made of.
alter table article
    drop constraint article_kind_check,
    add constraint article_kind_check check (kind in ('mail', 'answer', 'note', 'automatic', 'bounce', 'forward', 'alert')),
    add constraint article_alert_is_internal check (kind <> 'alert' or visibility = 'internal');
comment on column article.kind is 'mail (came in), answer, note, automatic (acknowledgement and the like), bounce, forward (to somebody who takes no part; what they answer is an internal mail), alert (monitoring; internal)';

create table alert_group (
    alert_group_id bigint generated always as identity primary key,
    api_token_id bigint not null references api_token,
    key bytea not null check (length(key) = 32),
    ticket_id bigint not null references ticket,
    fires boolean not null,
    firing text[] not null,
    repeats integer not null default 0,
    opened_at timestamptz not null,
    heard_at timestamptz not null,
    constraint alert_group_key_unique unique (key, api_token_id)
);
comment on table alert_group is 'Alerts that monitoring sends together: what of them fires, and the ticket that says so';
comment on column alert_group.alert_group_id is 'Row id';
comment on column alert_group.api_token_id is 'The token that brought them last';
comment on column alert_group.key is 'SHA-256 of what sent them and what it calls the group (groupKey)';
comment on column alert_group.ticket_id is 'The ticket in which they stand';
comment on column alert_group.fires is 'Whether any of them fires, as their sender says';
comment on column alert_group.firing is 'The fingerprints of those that fire';
comment on column alert_group.repeats is 'How often the same was sent again since something changed';
comment on column alert_group.opened_at is 'When they came to that ticket';
comment on column alert_group.heard_at is 'When they were heard of last';
create index alert_group_by_ticket on alert_group (ticket_id);
create index alert_group_lately on alert_group (api_token_id, opened_at);
