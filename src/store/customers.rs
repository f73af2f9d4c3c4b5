//! Customers, known by their addresses.

use super::{Result, StoreError, Tx};
use crate::domain::id::{CustomerId, EmailAddress};

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Their row.
    pub id: CustomerId,
    /// Their address.
    pub address: EmailAddress,
    /// Their name; may be empty.
    pub name: String,
}

/// A row whose address is known.
struct Named {
    customer_id: i64,
    name: String,
}

impl Named {
    fn at(self, address: &EmailAddress) -> Customer {
        Customer { id: CustomerId(self.customer_id), address: address.clone(), name: self.name }
    }
}

/// Customers.
pub struct Customers<'t>(pub(super) &'t mut Tx);

impl Customers<'_> {
    /// The customer with that address, made if it is new; a name that comes with it is kept. The row of a known customer
    /// is locked only if the name is another one: see the order of locks in docs/architecture.md.
    pub async fn at(&mut self, address: &EmailAddress, name: &str) -> Result<Customer> {
        if let Some(known) = self.known(address).await?
            && (name.is_empty() || known.name == name)
        {
            return Ok(known);
        }
        let row = sqlx::query_as!(
            Named,
            "insert into customer (address, name) values ($1, $2)
             on conflict (address_key) do update set name = coalesce(nullif(excluded.name, ''), customer.name)
             returning customer_id, name",
            address.as_str(),
            name,
        );
        Ok(row.fetch_one(self.0.connection()).await?.at(address))
    }

    /// The customer with that address, if there is one.
    pub async fn find(&mut self, address: &EmailAddress) -> Result<Option<CustomerId>> {
        Ok(self.known(address).await?.map(|customer| customer.id))
    }

    async fn known(&mut self, address: &EmailAddress) -> Result<Option<Customer>> {
        let row =
            sqlx::query_as!(Named, "select customer_id, name from customer where address_key = $1", address.key());
        Ok(row.fetch_optional(self.0.connection()).await?.map(|row| row.at(address)))
    }

    /// The same for a mail from an archive: a name that is known already is newer than the mail's.
    pub async fn at_from_archive(&mut self, address: &EmailAddress, name: &str) -> Result<Customer> {
        if let Some(known) = self.known(address).await?
            && (name.is_empty() || !known.name.is_empty())
        {
            return Ok(known);
        }
        let row = sqlx::query_as!(
            Named,
            "insert into customer (address, name) values ($1, $2)
             on conflict (address_key) do update set name = coalesce(nullif(customer.name, ''), excluded.name)
             returning customer_id, name",
            address.as_str(),
            name,
        );
        Ok(row.fetch_one(self.0.connection()).await?.at(address))
    }

    /// A customer.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn get(&mut self, customer: CustomerId) -> Result<Customer> {
        let row = sqlx::query!("select address, name from customer where customer_id = $1", customer.0)
            .fetch_one(self.0.connection())
            .await?;
        let address = EmailAddress::parse(&row.address).ok_or_else(|| StoreError::Unsound {
            table: "customer",
            row: customer.to_string(),
            what: "address".to_owned(),
        })?;
        Ok(Customer { id: customer, address, name: row.name })
    }
}
