"""Postfix's configuration, as templates."""

MAIN = """\
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
default_privs = nobody
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME{preload}
maillog_file = {dir}/log
maillog_file_prefixes = /

# Loopback, no DNS, no local users, no way out.
myhostname = mx.desk.test
mydomain = desk.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
biff = no
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
default_transport = error:5.4.4 nothing leaves this world
relay_transport = error:5.4.4 nothing leaves this world

# Routes: see "routes" for the addresses, "desks" for pNNNNN.test and sNNNNN.test.
relay_domains = regexp:{etc}/domains
relay_recipient_maps =
transport_maps = {map_type}:{etc}/desks, regexp:{etc}/routes
recipient_delimiter = +
smtpd_reject_unlisted_recipient = no
# Mail passes as it was written: headers are neither completed nor rewritten.
local_header_rewrite_clients =

smtputf8_enable = yes
message_size_limit = 31457280
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_banner = $myhostname ESMTP
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_tls_cert_file = {tls.certificate}
smtpd_tls_key_file = {tls.key}
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
smtp_tls_security_level = none
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
in_flow_delay = 0

# A desk or a database that was away is found again within seconds.
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
maximal_queue_lifetime = 1d
bounce_queue_lifetime = 1d
default_destination_concurrency_failed_cohort_limit = 0
lmtp_connect_timeout = 2s
# One that was told to end at its start (see refuse) is started again, and not a minute later.
service_throttle_time = 1s
notify_classes =
"""

MASTER = """\
# service  type  private unpriv chroot wakeup maxproc command
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=check_recipient_access,regexp:{etc}/refuse,check_recipient_access,regexp:{etc}/access,permit
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
tlsmgr     unix  - - n 1000? 1 tlsmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
proxywrite unix  - - n - 1 proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
lmtp       unix  - - n - - lmtp
strip      unix  - - n - - lmtp
  -o lmtp_header_checks=regexp:{etc}/strip
error      unix  - - n - - error
retry      unix  - - n - - error
discard    unix  - - n - - discard
showq      unix  n - n - - showq
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
"""

# bounce.test is accepted and then comes back with a real DSN; defer.test stays in the queue.
ROUTES = r"""/^billing(\+.*)?@desk\.test$/ lmtp:unix:{dovecot}
/@desk\.test$/ lmtp:inet:127.0.0.1:{desk}
/@{customers}$/ lmtp:unix:{dovecot}
/@{boxes}$/ lmtp:unix:{dovecot}
/@bounce\.test$/ error:5.1.1 simulated: no such mailbox
/@defer\.test$/ retry:4.3.0 simulated: try again later
"""

# Lines for each port, since Postfix forbids $1 in a transport table. A test's own desk listens behind it; what goes
# to sNNNNN.test loses on its way what says that a machine wrote it.
DESKS = "p{0}.test lmtp:inet:127.0.0.1:{0}\ns{0}.test strip:inet:127.0.0.1:{0}\n"

STRIP = """/^(Auto-Submitted|X-Auto-Response-Suppress|Precedence|X-Loop|X-Ticketloom[^:]*):/ IGNORE
"""

ACCESS = r"""/^perm-.*@customer\.test$/ 550 5.1.1 simulated: no such mailbox
/^temp-.*@customer\.test$/ 451 4.3.0 simulated: try again later
"""

# $1: the instance's directory, $2: where the daemons are.
RUN = """
cd "$1/queue"
private="active bounce corrupt defer deferred flush hold incoming private saved trace"
mkdir -p $private maildrop public pid "$1/data"
chown -R postfix $private maildrop public "$1/data"
chgrp postdrop maildrop public
chmod 700 $private "$1/data"
chmod 730 maildrop
chmod 710 public
exec "$2master" -c "$1/etc" -d
"""
