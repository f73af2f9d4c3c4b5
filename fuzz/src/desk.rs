//! What the mail side knows of the desk.

pub mod intake;
pub mod outbound;
#[path = "../../src/desk/post.rs"]
pub mod post;
#[path = "../../src/desk/seams.rs"]
pub mod seams;
