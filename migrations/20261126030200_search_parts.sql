-- Parts of words are found, and a search without words begins at the youngest tickets.

create function parts_of(word text) returns text[] language sql immutable strict parallel safe
    as $$ select coalesce(array_agg(distinct substr(word, place, 3)), '{}') from generate_series(1, length(word) - 2) as place $$;
comment on function parts_of is 'All that are three neighbours in a word: whatever is part of it has none but those';

create table search_word (
    word text not null constraint search_word_is_worth_its_parts check (length(word) between 4 and 32)
);
comment on table search_word is 'The words that anybody ever wrote, so that parts of words are looked for among them and not in all texts. A word that two wrote at the same time may stand here twice: that harms nobody, and nobody waits';
comment on column search_word.word is 'A word of search_text.words. Shorter ones have no parts, longer ones are nobody''s words';
insert into search_word (word)
select distinct word from search_text, unnest(tsvector_to_array(words)) as one (word) where length(word) between 4 and 32;
create index search_word_by_word on search_word (word);
create index search_word_parts on search_word using gin (parts_of(word));

update search_text
set words = words || format('''@0.%s'' ''@1.%s'' ''@2.%s''', ticket_id / 512, ticket_id / 4096, ticket_id / 32768)::tsvector;
comment on column search_text.words is 'The words with their places, folded by the desk itself: no case, no accents, pairs of Chinese and Japanese characters; and such as ''@0.12'' for the ticket''s generations, by which the youngest are asked first';

create index ticket_by_state on ticket (queue_id, state, created_at, ticket_id);
