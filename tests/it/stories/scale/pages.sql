-- Makes a grown record one of many hands: others' mails and copies in the same tickets, letters that went out or did not, forwards,
-- mails that are held or internal, what was taken back, merges, and people who take part no more. Then each text that
-- anybody wrote, and each name of a file, becomes a canary of its own.
set session_replication_role = replica;
create function pg_temp.die(n bigint, salt bigint) returns bigint language sql immutable as
$$ select (hashint8extended(n, salt) & 2147483647) % 100 $$;
create function pg_temp.somebody(n bigint, salt bigint) returns bigint language sql as
$$ select 1 + (hashint8extended(n, salt) & 2147483647) % (select count(*) from customer) $$;

-- Young enough for a page, but for one of seventeen.
update article set created_at = '2026-11-01' where ticket_id % 17 <> 0;

update article set customer_id = pg_temp.somebody(article_id, 1) where kind = 'mail' and seq > 1 and pg_temp.die(article_id, 2) < 30;
update article set visibility = 'held' where kind = 'mail' and pg_temp.die(article_id, 3) < 6;
update article set visibility = 'internal' where kind = 'mail' and pg_temp.die(article_id, 3) between 6 and 9;
update article set response = 'absence' where kind = 'mail' and pg_temp.die(article_id, 4) < 4;
update article set cancelled_at = '2026-11-02' where pg_temp.die(article_id, 5) < 6;
update article set kind = 'forward' where kind = 'note' and pg_temp.die(article_id, 6) < 40;

insert into letter (article_id, visibility, ticket_id, recipient, automatic, message_id, bytes, state, created_at, queue_id, forward)
select article_id, visibility, ticket_id, 'c' || pg_temp.somebody(article_id, 7) || '@customer.test', false, 'f' || article_id || '@mail.test', '', 'sent',
       article.created_at, queue_id, 'forward'
from article join ticket using (ticket_id) where kind = 'forward';
-- Copies to others, and answers to others alone.
insert into letter (article_id, ticket_id, recipient, automatic, message_id, bytes, state, created_at, queue_id)
select article_id, ticket_id, 'C' || pg_temp.somebody(article_id, 8) || '@Customer.test', automatic, 'x' || message_id, '', 'sent', letter.created_at, queue_id
from letter where forward is null and pg_temp.die(letter_id, 9) < 30;
update letter set recipient = 'c' || pg_temp.somebody(letter_id, 10) || '@customer.test' where forward is null and pg_temp.die(letter_id, 11) < 10;
update letter set state = (array['held', 'queued', 'sending', 'failed', 'cancelled', 'unknown'])[1 + pg_temp.die(letter_id, 12) % 6]
where pg_temp.die(letter_id, 13) < 30;

update ticket set state = 'merged', merged_into = ticket_id - 1, owner_id = null, pending_until = null, closed_at = changed_at,
                  due_solution = null, breached_at = null where ticket_id > 1 and pg_temp.die(ticket_id, 14) < 15;
update ticket set state = 'removed', owner_id = null, pending_until = null, closed_at = changed_at, due_solution = null, breached_at = null
where state <> 'merged' and pg_temp.die(ticket_id, 15) < 5;
insert into participant (ticket_id, customer_id)
select distinct ticket_id, customer_id from letter join customer on address_key = lower(recipient) where pg_temp.die(letter_id, 16) < 70
on conflict do nothing;
insert into ticket_event (ticket_id, at, actor, agent_id, kind, data)
select ticket_id, '2026-11-22', 'agent', (select min(agent_id) from agent), 'participant_removed', jsonb_build_object('address', address)
from participant join customer using (customer_id) where pg_temp.die(ticket_id * 7 + customer_id, 17) < 8;
delete from participant where pg_temp.die(ticket_id * 7 + customer_id, 17) < 12;

update article set text = 'CANARY' || article_id || ';', subject = 'SUBJECT' || article_id || ';', html = '<p>HTML' || article_id || ';</p>',
                   whole_text = 'WHOLE' || article_id || ';';
update attachment set name = 'FILE' || attachment_id || ';.jpg';
update customer set name = 'NAME' || customer_id || ';';
set session_replication_role = origin;
