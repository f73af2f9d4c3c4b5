-- A mail's own subject, for when it becomes a ticket of its own.

alter table article add column subject text;
comment on column article.subject is 'The subject of the mail, cleaned; null for what is no mail and for mails of before';
