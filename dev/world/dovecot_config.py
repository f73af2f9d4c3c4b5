"""Dovecot's configuration: what both lines of versions understand, and the words that changed with 2.4."""

COMMON = """\
base_dir = {dir}/run
state_dir = {dir}/state
instance_name = ticketloom
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal.name}
default_internal_group = {internal.group}
default_login_user = {login.name}
shutdown_clients = yes

first_valid_uid = 0
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 1000
ssl = yes

namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  {keep_serving}
  process_min_avail = 1
  client_limit = 1000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 1000
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  client_limit = 4000
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  client_limit = 4000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
  client_limit = 4000
}}
"""

V23 = {"keep_serving": "service_count = 0", "settings": """\
ssl_cert = <{tls.certificate}
ssl_key = <{tls.key}
disable_plaintext_auth = no

passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu {dir}/passwords
}}
passdb {{
  driver = static
  username_filter = *@{customers} *@{boxes}
  args = password={customer_password}
}}
userdb {{
  driver = static
  args = uid={mail.name} gid={mail.group} home={dir}/mail/%Ld/%Ln
}}
mail_location = maildir:~/Maildir
protocol lmtp {{
  postmaster_address = postmaster@desk.test
}}
"""}

V24 = {"keep_serving": "restart_request_count = unlimited", "settings": """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
ssl_server_cert_file = {tls.certificate}
ssl_server_key_file = {tls.key}
auth_allow_cleartext = yes

passdb passwd-file {{
  passwd_file_path = {dir}/passwords
}}
passdb static {{
  passdb_username_filter = *@{customers} *@{boxes}
  passdb_static_password = {customer_password}
}}
userdb static {{
  fields {{
    uid = {mail.name}
    gid = {mail.group}
    home = {dir}/mail/%{{user | domain | lower}}/%{{user | username | lower}}
  }}
}}
mail_driver = maildir
mail_path = ~/Maildir
protocol lmtp {{
  auth_username_format = %{{user | lower}}
  postmaster_address = postmaster@desk.test
}}
"""}
