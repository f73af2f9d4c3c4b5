//! Where files are kept, if not in PostgreSQL.

use url::Url;

use super::super::ObjectStoreConfig;
use super::form::text;
use super::{Read, Reader};

impl Reader<'_> {
    /// `None`: not configured, so files are in PostgreSQL.
    pub(super) fn object_store(&self) -> Read<Option<ObjectStoreConfig>> {
        let store = self.section("object_store");
        let secrets = ["access_key_id", "secret_access_key", "secret_access_key_file"];
        if store.is_absent(&[&["endpoint", "bucket", "region", "prefix", "writes"][..], &secrets].concat()) {
            return Ok(None);
        }
        let endpoint = store.or("endpoint", None, "\"https://s3.example.org\"; without it Amazon's", |word| {
            let url = Url::parse(word).ok()?;
            (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(Some(url))
        });
        let bucket = store.required("bucket", "\"ticketloom\"", text);
        let region = store.or("region", "us-east-1".to_owned(), "\"eu-central-1\"", text);
        let prefix = store.or("prefix", String::new(), "\"desk/\"", |word| Some(word.to_owned()));
        let id = store.required("access_key_id", "\"AKIA…\"", text);
        let secret = store.secret("secret_access_key", "\"…\"");
        let secret = secret.and_then(|secret| secret.ok_or_else(|| store.missing("secret_access_key", "\"…\"")));
        let writes = store.or("writes", true, "true, or false to read only what is there", |word| word.parse().ok());
        store.end();
        Ok(Some(ObjectStoreConfig {
            endpoint: endpoint?,
            bucket: bucket?,
            region: region?,
            prefix: prefix?,
            access_key_id: id?,
            secret_access_key: secret?,
            writes: writes?,
        }))
    }
}
