-- A desk after years: fills a furnished database (queues, agents and rooms are there) with as many tickets as
-- `grown.tickets` says, and everything else in proportion. Nothing is left to chance: pg_temp.dice hashes the row's own
-- number, so the same size is the same record. The skew is that of a desk: few customers write much, most tickets are
-- closed, most of the open ones are young, a few tickets are very long.

-- A number from 0 to 1 that belongs to `n`; another one for each `salt`.
create function pg_temp.dice(n bigint, salt bigint) returns float8 language sql immutable as
$$ select (hashint8extended(n, salt) & 2147483647) / 2147483648.0::float8 $$;
create function pg_temp.tickets() returns bigint language sql stable as
$$ select current_setting('grown.tickets')::bigint $$;
-- The last moment that the record knows.
create function pg_temp.newest() returns timestamptz language sql immutable as $$ select timestamptz '2026-11-23 08:00:00+00' $$;
-- The word of that rank: the first ones are short and in most texts, the last ones are rare.
create function pg_temp.word(rank bigint) returns text language sql immutable as
$$ select case when rank < 300 then '' else substr('schtrenkelmatzungkeitlichbergdorf', 1 + 3 * (rank % 11)::integer, 3) end
       || substr('bakedimofulagenirosutavewixopyzurabel', 1 + 2 * (rank * 7 % 17)::integer, 2)
       || substr('bakedimofulagenirosutavewixopyzurabel', 1 + 2 * (rank * 11 % 18)::integer, 2)
       || case when rank < 3000 then '' else substr('bakedimofulagenirosutavewixopyzurabel', 1 + 2 * (rank / 17 % 17)::integer, 2)
                                             || substr('bakedimofulagenirosutavewixopyzurabel', 1 + 2 * (rank / 300 % 18)::integer, 2)
                                             || chr(97 + (rank / 5400 % 26)::integer) end $$;
-- What domain::search::generations says.
create function pg_temp.generations(ticket bigint) returns tsvector language sql immutable as
$$ select format('''@0.%s'' ''@1.%s'' ''@2.%s''', ticket / 512, ticket / 4096, ticket / 32768)::tsvector $$;
create function pg_temp.id(what text, n bigint) returns text language sql immutable as $$ select '$' || what || n || ':desk.test' $$;

-- People and queues. What was there before keeps the lowest ids.
insert into queue (name, title, address)
select 'grown' || n, 'Grown ' || n, 'grown' || n || '@desk.test' from generate_series(1, 8) n;
-- Two of them have promised something.
update queue set hours = 'mo-fr 09:00-17:00', first_within = 240, update_within = 480, solution_within = 2400, unlock_after = 4800
where name in ('grown1', 'grown2');
insert into room (room_id, purpose, queue_id)
select '!' || name || ':desk.test', 'queue', queue_id from queue where name like 'grown%';
insert into agent (user_id) select '@grown' || n || ':desk.test' from generate_series(1, 40) n;
create temporary table grown_queue as
select row_number() over (order by queue_id) - 1 as place, queue_id, '!' || name || ':desk.test' as room_id from queue;
create temporary table grown_agent as
select row_number() over (order by agent_id) - 1 as place, agent_id from agent where role <> 'observer';

insert into customer (customer_id, address, name, created_at) overriding system value
select n, 'c' || n || '@customer.test', case when pg_temp.dice(n, 1) < 0.9 then 'Customer ' || n else '' end,
       pg_temp.newest() - interval '4 years'
from generate_series(1, pg_temp.tickets() * 45 / 100) n;

-- Tickets: n of them over four years, the newest last.
create temporary table grown_ticket as
select n, pg_temp.newest() - interval '4 years' * ((t - n) / t::float8) as at,
       grown_queue.queue_id, grown_queue.room_id,
       1 + floor(power(pg_temp.dice(n, 3), 3) * (t * 45 / 100))::bigint as customer_id,
       case when pg_temp.dice(n, 4) < case when n > t * 92 / 100 then 0.6 else 0.01 end
            then case when pg_temp.dice(n, 5) < 0.3 then 'new' when pg_temp.dice(n, 5) < 0.9 then 'open' else 'pending reminder' end
            else case when pg_temp.dice(n, 5) < 0.02 and n > 60 then 'merged' when pg_temp.dice(n, 5) < 0.03 then 'removed'
                      when pg_temp.dice(n, 5) < 0.15 then 'closed unsuccessful' else 'closed successful' end
       end as state,
       (select agent_id from grown_agent where place = floor(power(pg_temp.dice(n, 6), 2) * (select count(*) from grown_agent))) as agent_id,
       -- One of a thousand goes on and on. An article an hour, so none of the future: those would all be mails of the last hour,
       -- of which only so many are shown.
       1 + least(400, floor(4 * 365 * 24.0 * (t - n) / t), floor(-ln(1 - pg_temp.dice(n, 7)) * case when pg_temp.dice(n, 8) < 0.001 then 120 else 5 end))::integer as articles
from (select pg_temp.tickets() as t) as size, generate_series(1, t) n
     join grown_queue on place = floor(power(pg_temp.dice(n, 2), 2) * (select count(*) from grown_queue));
create unique index on grown_ticket (n);
analyze grown_ticket;

insert into ticket (ticket_id, number, queue_id, customer_id, subject, state, owner_id, last_owner_id, priority, informed,
                    articles, created_at, changed_at, closed_at, merged_into, pending_until, tags) overriding system value
select n, to_char(at at time zone 'utc', 'YYYYMMDD') || '77' || lpad((n % 100000)::text, 5, '0') || '1', queue_id, customer_id,
       'Order ' || n || ' has not arrived', state,
       case when is_open and state <> 'new' and pg_temp.dice(n, 10) < 0.5 then agent_id end, agent_id,
       case when pg_temp.dice(n, 11) < 0.9 then 3 else 1 + floor(pg_temp.dice(n, 12) * 5) end,
       case when state like 'closed%' then pg_temp.dice(n, 13) < 0.7 end, articles, at, at + interval '3 hours',
       case when not is_open then at + interval '3 hours' end,
       case when state = 'merged' then n - 1 - floor(pg_temp.dice(n, 14) * 50)::bigint end,
       case when state like 'pending%' then at + interval '5 days' end,
       case when pg_temp.dice(n, 40) < 0.05 then array['vip'] else '{}' end
from (select *, state in ('new', 'open', 'pending reminder') as is_open from grown_ticket) as grown
order by n;
update ticket set due_solution = ticket.created_at + interval '40 hours', breached_at = ticket.created_at + interval '40 hours'
from queue where queue.queue_id = ticket.queue_id and is_timed and state in ('new', 'open');
insert into ticket_watch select n, agent_id, at from grown_ticket where pg_temp.dice(n, 41) < 0.05 and agent_id is not null;
-- An index of words is made much sooner than it grows.
create temporary table grown_index as
select indexname, indexdef from pg_indexes where indexname in ('search_text_words', 'search_word_parts', 'search_word_by_word');
drop index search_text_words, search_word_parts, search_word_by_word;
insert into search_text (ticket_id, words)
select n, to_tsvector('simple', 'order ' || n || ' has not arrived c' || customer_id || ' customer test') || pg_temp.generations(n)
from grown_ticket order by n;
insert into ticket_counter select at::date, count(*) from grown_ticket group by 1;
insert into ticket_link (ticket_id, other_id) select n, n - 1 from grown_ticket where n > 1 and pg_temp.dice(n, 15) < 0.02;
insert into participant (ticket_id, customer_id) select n, customer_id from grown_ticket;
insert into participant (ticket_id, customer_id)
select n, 1 + floor(pg_temp.dice(n, 16) * (pg_temp.tickets() * 45 / 100))::bigint from grown_ticket where pg_temp.dice(n, 17) < 0.1
on conflict do nothing;

-- Articles: the first is the customer's mail, the second what acknowledged it, then both sides and notes.
create temporary table grown_article as
select row_number() over (order by n, seq) as id, n as ticket_id, seq, queue_id, room_id, customer_id, agent_id,
       at + interval '1 hour' * (seq - 1) as at,
       case when seq = 1 then 'mail' when seq = 2 then 'automatic'
            when pg_temp.dice(n * 401 + seq, 20) < 0.40 then 'mail' when pg_temp.dice(n * 401 + seq, 20) < 0.70 then 'answer'
            when pg_temp.dice(n * 401 + seq, 20) < 0.98 then 'note' else 'bounce' end as kind
from grown_ticket, generate_series(1, articles) seq;
create unique index on grown_article (id);
analyze grown_article;

-- One mail of fifty came to several queues: its bytes are a blob.
create temporary table grown_mail as
select id, queue_id, customer_id, at, pg_temp.dice(id, 26) < 0.02 as is_blob,
       convert_to(format(E'From: c%s@customer.test\r\nTo: support@desk.test\r\nSubject: Order %s has not arrived\r\nMessage-ID: <g%s@mail.test>\r\n\r\nWhere is it?\r\n',
                         customer_id, ticket_id, id), 'UTF8') as raw
from grown_article where kind in ('mail', 'bounce');
insert into blob (digest, size, bytes) select sha256(raw), length(raw), raw from grown_mail where is_blob;
insert into mail_in (mail_id, queue_id, route, recipient, envelope_from, delivery_key, raw, digest, fate, received_at, rule, authenticated)
overriding system value
select id, queue_id, 'lmtp', 'support@desk.test', 'c' || customer_id || '@customer.test', sha256(('delivery' || id)::bytea),
       case when not is_blob then raw end, case when is_blob then sha256(raw) end, 'article', at, 'it opened a ticket', 'pass'
from grown_mail order by id;
insert into mail_seen (queue_id, content_key, mail_id) select queue_id, sha256(('content' || id)::bytea), id from grown_mail;

insert into article (article_id, ticket_id, seq, kind, sender, visibility, agent_id, customer_id, mail_id, text, on_card, event_id,
                     created_at, subject, written_at) overriding system value
select id, ticket_id, seq, kind,
       case kind when 'mail' then 'customer' when 'automatic' then 'system' when 'bounce' then 'system' else 'agent' end,
       case when kind in ('note', 'bounce') then 'internal'
            when kind = 'mail' and seq > 1 and pg_temp.dice(id, 21) < 0.001 then 'held' else 'customer' end,
       case when kind in ('answer', 'note') then agent_id end, case when kind = 'mail' then customer_id end,
       case when kind in ('mail', 'bounce') then id end, 'Where is it? This is article ' || id || '. ' || repeat('It is late. ', 1 + (id % 9)::integer)
           || case when id % 500 = 0 then '印刷機が ' else '' end
           || (select string_agg(pg_temp.word(floor(exp(ln(200000) * pg_temp.dice(id * 31 + place, 50)))::bigint), ' ')
               from generate_series(1, 8) place),
       seq = 1, case when kind = 'automatic' then null when seq = 1 then pg_temp.id('card', ticket_id) else pg_temp.id('article', id) end,
       at, case when kind = 'mail' then 'Order ' || ticket_id || ' has not arrived' end, case when kind = 'mail' then at end
from grown_article order by 1;
insert into mark (message_event, mark, room_id, event_id, set_at)
select pg_temp.id('article', id), '✅', room_id, pg_temp.id('mark', id), at from grown_article where kind in ('answer', 'note');
insert into search_text (ticket_id, article_id, words)
select ticket_id, article_id, to_tsvector('simple', replace(text, '印刷機が', '印刷 刷機 機か か')) || pg_temp.generations(ticket_id)
from article order by article_id;
insert into search_word (word)
select distinct word from search_text, unnest(tsvector_to_array(words)) as one (word) where length(word) between 4 and 32;
do $$
declare definition text;
begin
    for definition in select indexdef from grown_index loop
        execute definition;
    end loop;
end
$$;
-- A mail's files stand in its raw bytes, an agent's are blobs.
insert into attachment (article_id, position, name, mime, digest, size, mail_id, place, length, encoding)
select id, 1, 'photo' || id || '.jpg', 'image/jpeg', sha256(substr(raw, 1, 20)), 20, id, 0, 20, 'identity'
from grown_mail join article on article_id = id where kind = 'mail' and pg_temp.dice(id, 22) < 0.15;
create temporary table grown_file as
select id, kind, at, convert_to('a photo of ' || id, 'UTF8') as bytes
from grown_article where kind in ('answer', 'note') and pg_temp.dice(id, 22) < 0.15;
insert into blob (digest, size, bytes) select sha256(bytes), length(bytes), bytes from grown_file;
insert into attachment (article_id, position, name, mime, digest, size)
select id, 1, 'photo' || id || '.jpg', 'image/jpeg', sha256(bytes), length(bytes) from grown_file;
insert into message_ref (message_id, ticket_id, article_id)
select 'g' || id || '@mail.test', ticket_id, id from grown_article where kind in ('mail', 'answer', 'automatic');

insert into unknown_message (message_id, ticket_id)
select 'elsewhere' || n / 2 || '@mail.test', n from grown_ticket where pg_temp.dice(n, 25) < 0.05;

-- Letters: acknowledgements and answers.
insert into letter (letter_id, article_id, ticket_id, recipient, automatic, envelope_from, message_id, bytes, state, attempts, room_id,
                    command_event, created_at, finished_at, queue_id, cause_id, reply) overriding system value
select id, id, ticket_id, 'c' || customer_id || '@customer.test', kind = 'automatic', null, 'g' || id || '@mail.test',
       convert_to(format(E'To: c%s@customer.test\r\nMessage-ID: <g%s@mail.test>\r\n\r\nIt is on its way.\r\n', customer_id, id), 'UTF8'),
       case when pg_temp.dice(id, 23) < 0.01 then 'failed' else 'sent' end, 1, room_id,
       case when kind = 'answer' then pg_temp.id('article', id) end, at, at + interval '1 minute', queue_id,
       case when kind = 'automatic' then id - 1 end, '250 2.0.0 queued'
from grown_article where kind in ('answer', 'automatic');
insert into letter_file (letter_id, place, digest) select id, 10, sha256(bytes) from grown_file where kind = 'answer';
-- Some of forwards: files of articles that stay where they are.
update letter_file set attachment_id = (select min(attachment_id) from attachment) where letter_id % 20 = 0;
insert into letter_reply (letter_id, at, became, reply) select letter_id, finished_at, state, reply from letter;
insert into automatic_mail (address_key, day, sent)
select 'c' || customer_id || '@customer.test', at::date, count(*) from grown_article where kind = 'automatic' group by 1, 2;

-- What stands in Matrix, and what was said there.
insert into projection (purpose, subject_id, room_id, event_id, last_event, digest, shown_at)
select 'card', n, room_id, pg_temp.id('card', n), pg_temp.id('card', n), sha256(('card' || n)::bytea), at from grown_ticket;
insert into projection (purpose, subject_id, room_id, event_id, root_event, last_event, digest, shown_at)
select 'article', id, room_id, pg_temp.id('article', id), pg_temp.id('card', ticket_id), pg_temp.id('article', id),
       sha256(('article' || id)::bytea), at
from grown_article where kind in ('mail', 'bounce') and seq > 1;
insert into projection (purpose, subject_id, room_id, event_id, root_event, last_event, digest, shown_at)
select 'file', attachment_id, room_id, pg_temp.id('file', attachment_id), pg_temp.id('card', ticket_id), pg_temp.id('file', attachment_id),
       sha256(('file' || attachment_id)::bytea), at
from attachment join grown_article on id = article_id;
insert into event_in (event_id, room_id, sender, body, received_at)
select pg_temp.id('article', id), room_id, '@grown1:desk.test', '{"type":"m.room.message"}', at
from grown_article where kind in ('answer', 'note');
insert into event_ref (event_id, room_id, ticket_id)
select pg_temp.id('card', n), room_id, n from grown_ticket;
insert into event_ref (event_id, room_id, ticket_id, article_id)
select pg_temp.id('article', id), room_id, ticket_id, id from grown_article where kind <> 'automatic' and seq > 1;
insert into file_in (event_id, digest, size, since)
select pg_temp.id('article', id), sha256(bytes), length(bytes), at from grown_file;

-- The audit trail.
insert into ticket_event (ticket_id, at, actor, kind, data) select n, at, 'customer', 'created', '{}' from grown_ticket order by n;
insert into ticket_event (ticket_id, at, actor, agent_id, kind, data, matrix_event)
select ticket_id, at, case kind when 'mail' then 'customer' when 'answer' then 'agent' when 'note' then 'agent' else 'system' end,
       case when kind in ('answer', 'note') then agent_id end,
       case kind when 'mail' then 'mail_received' when 'answer' then 'answer_written' when 'note' then 'note_written'
                 when 'automatic' then 'automatic_written' else 'mail_failed' end,
       case kind when 'mail' then jsonb_build_object('article', id, 'from', 'c' || customer_id || '@customer.test')
                 when 'answer' then jsonb_build_object('article', id, 'next', 'open')
                 when 'note' then jsonb_build_object('article', id)
                 when 'automatic' then jsonb_build_object('what', 'acknowledgement')
                 else jsonb_build_object('to', 'c' || customer_id || '@customer.test') end,
       case when kind in ('answer', 'note') then pg_temp.id('article', id) end
from grown_article order by id;
insert into ticket_event (ticket_id, at, actor, agent_id, kind, data)
select n, at + interval '3 hours', 'agent', agent_id, 'state_changed',
       jsonb_build_object('from', 'open', 'to', state, 'was_informed', null, 'informed', true)
from grown_ticket where state like 'closed%';

-- The feed: all of them are numbered but the newest, and one receiver has been away for a while.
insert into feed_event (feed_event_id, ticket_event_id)
select row_number() over (order by ticket_event_id), ticket_event_id from ticket_event
order by ticket_event_id limit (select count(*) - 20 from ticket_event);
insert into unnumbered_event (ticket_event_id, is_quiet)
select ticket_event_id, false from ticket_event order by ticket_event_id desc limit 20;
insert into webhook (url, secret, events, queues, has_bodies, created_at, disabled_at, disabled_why)
values ('https://hooks.example.org/', 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '{}', '{}', false, pg_temp.newest(), pg_temp.newest(), 'it took nothing for 5 days');
insert into webhook_delivery (webhook_id, feed_event_id, message_id, body)
select webhook_id, feed_event_id, 'msg_' || feed_event_id, '{}' from webhook, (select feed_event_id from feed_event order by 1 desc limit 5000) as late;

-- What is pinned, what agents answer with, and answers that wait for a moment.
insert into pin select room_id, pg_temp.id('board', place) from grown_queue;
insert into template (queue_id, name, text) select queue_id, 'late' || n, 'It is late, {customer.name}.' from grown_queue, generate_series(1, 5) n;
insert into scheduled_answer (scheduled_answer_id, ticket_id, agent_id, room_id, event_id, send_at, seen, state, next, cc, to_all, is_sure, text, customer_id)
overriding system value
select n, n, agent_id, room_id, pg_temp.id('scheduled', n), at + interval '2 hours', 1, case when pg_temp.dice(n, 42) < 0.01 then 'waiting' else 'sent' end,
       'open', '{}', false, false, 'It is on its way.', (select customer_id from ticket where ticket_id = n)
from grown_ticket where agent_id is not null and pg_temp.dice(n, 43) < 0.05;
-- An agent who is told of much by mail.
insert into agent_mail (agent_id, ticket_id, article_id, queue_id, recipient, outcome, created_at)
select told.agent_id, ticket_id, article_id, queue_id, 'agent@agents.test', 'sent', article.created_at
from article join ticket using (ticket_id), (select agent_id from grown_agent limit 1) as told where kind = 'mail' and article_id % 3 = 0;
-- Customers who asked for all of theirs.
insert into page_mail (customer_id, queue_id, outcome, created_at)
select customer_id, queue_id, 'sent', now() - interval '1 second' * ticket_id from ticket where ticket_id % 5 = 0;
-- A program that asks a lot.
insert into api_token (agent_id, scopes, digest) select agent_id, '{read,write}', sha256('late') from grown_agent limit 1;
insert into api_answer (api_token_id, key, request, status, body, answered_at)
select api_token_id, 'key' || n, sha256('late'), 201, '{}', now() - interval '1 minute' * n from api_token, generate_series(1, pg_temp.tickets()) n;
-- Monitoring that has sent much.
insert into api_token (alert_queue_id, scopes, digest) select queue_id, '{}', sha256('late') from grown_queue where place = 0;
insert into alert_group (api_token_id, key, ticket_id, fires, firing, opened_at, heard_at)
select (select max(api_token_id) from api_token), sha256(('group' || n)::bytea), n, n % 5 = 0, array['late' || n], at, at
from grown_ticket where n % 4 = 0;
-- The lists that agents saw last.
insert into last_list (agent_id, room_id, queue_id, command, behind)
select agent_id, room_id, queue_id, 'queue 2', '{"ticket": {"priority": 3, "ticket": 20}}' from grown_agent, grown_queue;
insert into scheduled_file (scheduled_answer_id, position, name, mime, digest, size)
select scheduled_answer_id, 1, 'photo.jpg', 'image/jpeg', (select digest from blob limit 1), 20 from scheduled_answer;

-- Quarantine: half as many entries as tickets, each with a mail of its own, most of them undecided.
create temporary table grown_quarantine as
select n, (select count(*) from grown_article) + n as mail_id, grown_queue.queue_id, grown_queue.room_id,
       pg_temp.newest() - interval '1 year' * ((most - n) / most::float8) as at, pg_temp.dice(n, 31) < 0.2 as is_settled
from (select pg_temp.tickets() / 2 as most) as size, generate_series(1, most) n
     join grown_queue on place = floor(power(pg_temp.dice(n, 30), 2) * (select count(*) from grown_queue));
insert into mail_in (mail_id, queue_id, route, recipient, envelope_from, delivery_key, raw, fate, received_at, rule) overriding system value
select mail_id, queue_id, 'lmtp', 'support@desk.test', '', sha256(('delivery' || mail_id)::bytea),
       convert_to(format(E'From: monitor%s@machine.test\r\nSubject: Disk full\r\n\r\nDisk full\r\n', n % 500), 'UTF8'),
       'quarantined', at, 'it is in quarantine: a machine wrote it'
from grown_quarantine order by n;
insert into quarantine (quarantine_id, queue_id, mail_id, reason, count, created_at, collapse_key, sender, outcome, day, subject, kind,
                        beginning)
overriding system value
select n, queue_id, mail_id, 'a machine wrote it', 1, at, 'machine:monitor' || n % 500 || '@machine.test', 'monitor' || n % 500 || '@machine.test',
       case when is_settled then 'discarded' end, at::date, 'Disk full',
       'automatic', 'Disk full'
from grown_quarantine order by n;
update mail_in set quarantine_id = n from grown_quarantine where mail_in.mail_id = grown_quarantine.mail_id;
insert into quarantine_day (queue_id, day) select distinct queue_id, at::date from grown_quarantine order by 2, 1;
insert into quarantine_ticket (quarantine_id, ticket_id)
select n, n from grown_quarantine where is_settled and pg_temp.dice(n, 32) < 0.3;
insert into projection (purpose, subject_id, room_id, event_id, last_event, shown_at)
select 'quarantine day', quarantine_day_id, '!' || name || ':desk.test', pg_temp.id('day', quarantine_day_id),
       pg_temp.id('day', quarantine_day_id), day
from quarantine_day join queue using (queue_id);
insert into projection (purpose, subject_id, room_id, event_id, last_event, shown_at)
select 'quarantine entry', n, room_id, pg_temp.id('entry', n), pg_temp.id('entry', n), at from grown_quarantine;
insert into blocked_sender (address_key) select 'spam' || n || '@machine.test' from generate_series(1, pg_temp.tickets() / 100) n;

-- Work: five jobs of the future for each ticket, lanes whose heads wait with some jobs behind them, a few with many, and dead ones.
insert into lane (lane_id, name, class, rank, due) overriding system value
select n, 'timer:' || n, case when n % 4 = 0 then 'chat' else 'mail' end, 0, now() + interval '1 day' * (1 + n % 300)
from grown_ticket;
insert into job (lane_id, kind, payload, run_at)
select n, 'Letter', jsonb_build_object('letter', n), now() + interval '1 day' * (1 + n % 300 + place)
from grown_ticket, generate_series(1, 5) place;
insert into lane (lane_id, name, class, rank, due) overriding system value
select pg_temp.tickets() + n, 'blocked:' || n, (array['intake', 'command', 'chat', 'mail', 'webhook'])[1 + n % 5], n % 2, now() + interval '1 day'
from generate_series(1, pg_temp.tickets() * 3 / 10) n;
insert into job (lane_id, kind, payload, run_at, attempts, failures, last_error)
select pg_temp.tickets() + n, 'Notice', '{}', now() - interval '1 hour', case when place = 1 then 3 else 0 end,
       case when place = 1 then 3 else 0 end, case when place = 1 then '502' end
from generate_series(1, pg_temp.tickets() * 3 / 10) n,
     generate_series(1, case when n <= pg_temp.tickets() / 100 then 30 else 2 end) place;
insert into dead_job (job_id, key, kind, payload, lane, class, attempts, error, created_at)
select -n, gen_random_uuid(), 'Card', jsonb_build_object('ticket', n), 'ticket:' || n, 'chat', 24, '403', now()
from generate_series(1, pg_temp.tickets() / 200) n;

-- Objects that were given up, rooms of before, and one that was made anew.
insert into blob_gone (digest, gone_at) select sha256(n::text::bytea), now() - interval '1 hour' * n from generate_series(1, pg_temp.tickets() / 20) n;
insert into former_room (room_id, queue_id, left_at) select '!former-' || queue_id, queue_id, now() from queue;
insert into remirror (queue_id, upto, step, uploads, begun_at, ended_at)
select queue_id, pg_temp.tickets() / 2, 'done', false, now(), now() from queue limit 1;

-- Whatever comes next goes on behind what was written under ids of its own.
do $$
declare identity record;
begin
    for identity in select attrelid::regclass as of_table, attname from pg_attribute
                    where attidentity <> '' and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) loop
        execute format('select setval(pg_get_serial_sequence(%L, %L), (select coalesce(max(%I), 0) + 1 from %s))',
                       identity.of_table, identity.attname, identity.attname, identity.of_table);
    end loop;
end
$$;
drop table grown_index, grown_queue, grown_agent, grown_ticket, grown_article, grown_mail, grown_file, grown_quarantine;
