//! What the mail side knows of the desk.

pub mod agent_mail;
pub mod intake;
pub mod outbound;
pub mod page;
#[path = "../../src/desk/post.rs"]
pub mod post;
#[path = "../../src/desk/seams.rs"]
pub mod seams;
