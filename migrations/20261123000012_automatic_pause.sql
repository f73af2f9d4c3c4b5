-- The whole desk's share of automatic mail.

-- How many went out in the last hour is counted here. A counter in a row of its own would make every
-- new ticket wait for the commit of the one before it.
create index letter_automatic on letter (created_at) where automatic;

create table automatic_pause (
    hour timestamptz primary key
);
comment on table automatic_pause is 'Hours in which automatic mail was withheld because the desk had written its share: one row an hour, so that a flood is told of once';
comment on column automatic_pause.hour is 'When the hour began';
