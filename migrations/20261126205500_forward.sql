-- What is forwarded to somebody outside: internal like a note, and yet a mail.
alter table article
    drop constraint article_kind_check,
    add constraint article_kind_check check (kind in ('mail', 'answer', 'note', 'automatic', 'bounce', 'forward')),
    add constraint article_forward_is_internal check (kind <> 'forward' or visibility = 'internal'),
    -- What letter.forward points at.
    add constraint article_kind_unique unique (article_id, kind);
comment on column article.kind is 'mail (came in), answer, note, automatic (acknowledgement and the like), bounce, forward (to somebody who takes no part; what they answer is an internal mail)';

-- A mail still stands only on an article that the customer may see; or, internal, on a forward, and on no other internal one.
alter table letter
    drop constraint letter_visibility_check,
    add column forward text constraint letter_forward_known check (forward = 'forward'),
    add constraint letter_visibility_check check (visibility = case when forward is null then 'customer' else 'internal' end),
    add constraint letter_forwards_a_forward foreign key (article_id, forward) references article (article_id, kind);
comment on column letter.visibility is 'That of its article: half of the foreign key that keeps notes inside';
comment on column letter.forward is 'Of what is forwarded: forward, the kind of its article, which no note has; null: the customer may see its article';
