-- What a mail is that only answers another one, and what becomes of what machines begin.

alter table article add column response text
    constraint article_response_known check (response in
        ('absence', 'automatic', 'receipt', 'accepted', 'declined', 'tentative', 'delegated', 'counter'));
comment on column article.response is 'Of a mail that only answers another one: what it says (absence, automatic, receipt; accepted, declined, tentative, delegated, counter of an invitation); null: somebody wrote it for its own sake';

alter table queue add column machines text not null default 'quarantine'
    constraint queue_machines_known check (machines in ('quarantine', 'ticket'));
comment on column queue.machines is 'What becomes of a machine''s mail that belongs to no ticket (monitoring, orders, web forms): quarantine, or ticket, which is never acknowledged';
