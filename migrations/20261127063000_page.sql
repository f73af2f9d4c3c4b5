-- The customer's page: what somebody may see of a ticket behind the link in a mail, and which links are good.

alter table mail_in
    drop constraint mail_in_route_check,
    add constraint mail_in_route_check check (route in ('lmtp', 'imap', 'pipe', 'import', 'page'));

alter table queue
    add column page boolean not null default true,
    add column page_closes boolean not null default true;

-- Links in mails from before that moment lead nowhere any more.
alter table ticket add column page_since timestamptz;
comment on column ticket.page_since is 'Links to the page in letters written before are taken back.';
comment on column queue.page is 'Whether mails to customers have a link to the ticket''s page.';
comment on column queue.page_closes is 'Whether customers can close a ticket on its page.';

-- What a customer wrote into a ticket, and what they got: nothing else can be asked of it. Not what is held or cancelled, no
-- note, no forward, no other customer's words, and of an answer only what a mail server took for them.
create view page_article as
select ticket_id, customer_id, article_id, created_at, sender, kind, text
from article
where visibility = 'customer' and kind = 'mail' and sender = 'customer' and cancelled_at is null and response is null
union all
-- Letter by letter of an article (offset 0 keeps it so): otherwise all letters might be read.
select article.ticket_id, customer.customer_id, article.article_id, article.created_at, sender, kind, text
from article
cross join lateral (
    select recipient from letter
    where letter.article_id = article.article_id and letter.visibility = 'customer' and letter.state in ('sent', 'unknown')
    offset 0
) as got
join customer on customer.address_key = lower(got.recipient)
where article.visibility = 'customer' and article.kind in ('answer', 'automatic') and article.cancelled_at is null;
comment on view page_article is 'What each customer may see of a ticket on its page.';
