-- A delay is said once, however often and however seldom the mail was tried before.

alter table letter add column delayed_at timestamptz;
comment on column letter.delayed_at is 'When the agent was told that it is delayed; null: not yet';
