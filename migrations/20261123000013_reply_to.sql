-- Where a mail wants its answer, and mails that were too large to be taken.

alter table article add column reply_to text;
comment on column article.reply_to is 'Reply-To of a customer''s mail, if that is somebody else than who wrote it: shown, and heeded only when an agent says so; null: none';

alter table mail_in add column left_behind bigint check (left_behind > 0);
comment on column mail_in.left_behind is 'Size in bytes of a mail that was too large to be taken and is still in its mailbox: raw is its header only; null: raw is the whole mail';
