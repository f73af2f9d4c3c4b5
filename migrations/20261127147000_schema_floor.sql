-- What may run on this schema: so instances can be replaced one by one.

create table schema_floor (
    single boolean primary key default true check (single),
    version bigint not null
);
comment on table schema_floor is 'One row: which programs may run on this schema, though it is newer than they are';
comment on column schema_floor.single is 'That there is one row';
comment on column schema_floor.version is 'A migration: a program that knows it may run here. What an older program can''t work with (a column dropped or renamed, a value required that it does not write) comes with `update schema_floor set version = ` its own version';
insert into schema_floor (version) values (20261127147000);
