-- In what language a queue's automatic mail is written.

alter table queue add column language text not null default 'en'
    check (language in ('en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'cs', 'sv', 'da', 'fi'));
comment on column queue.language is 'The language (ISO 639-1) of what the desk itself writes to the queue''s customers: automatic mail, and the line above a quote';
