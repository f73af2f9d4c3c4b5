-- What tickets are found by.

create table search_text (
    search_text_id bigint generated always as identity primary key,
    ticket_id bigint not null references ticket,
    article_id bigint constraint search_text_article_unique unique references article,
    words tsvector not null
);
comment on table search_text is 'What tickets are found by: a row an article (its text, subject, writer and file names), and one of the ticket itself (number, subject, customer)';
comment on column search_text.search_text_id is 'Row id: younger ones are found first';
comment on column search_text.ticket_id is 'The ticket';
comment on column search_text.article_id is 'The article; null: it is the ticket''s own row';
comment on column search_text.words is 'The words with their places, folded by the desk itself: no case, no accents, pairs of Chinese and Japanese characters';
create index search_text_words on search_text using gin (words);
create unique index search_text_of_ticket on search_text (ticket_id) where article_id is null;
create index search_text_by_ticket on search_text (ticket_id);
