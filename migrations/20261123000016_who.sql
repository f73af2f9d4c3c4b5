-- Who else got a mail, and what a quarantined one is about.

alter table article add column copies text;
comment on column article.copies is 'Who else a customer''s mail went to, as it says: addresses with commas, without the desk''s own; null: nobody. Shown; nobody takes part by it';

alter table quarantine add column subject text not null default '';
comment on column quarantine.subject is 'The subject of the first mail behind the entry; empty if it has none';
