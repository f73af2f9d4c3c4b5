-- Texts that agents answer with.
create table template (
    template_id bigint generated always as identity primary key,
    queue_id bigint references queue,
    name text not null check (name ~ '^[a-z0-9][a-z0-9_-]*$'),
    language text,
    text text not null check (text <> ''),
    changed_at timestamptz not null default now()
);
comment on table template is 'A text with placeholders that agents answer with (!answer --template NAME)';
comment on column template.template_id is 'Row id';
comment on column template.queue_id is 'The queue that it is for; null: all';
comment on column template.name is 'What agents call it: small letters, digits, - and _';
comment on column template.language is 'The language that it is in; null: any queue''s';
comment on column template.text is 'The text, in Markdown, with placeholders';
comment on column template.changed_at is 'When it was set';
create unique index template_unique on template (name, coalesce(queue_id, 0), coalesce(language, ''));
