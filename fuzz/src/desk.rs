//! What the mail side knows of the desk.

#[path = "../../src/desk/incoming.rs"]
pub mod incoming;
#[path = "../../src/desk/letter.rs"]
pub mod letter;
#[path = "../../src/desk/phrases.rs"]
pub mod phrases;
#[path = "../../src/desk/post.rs"]
pub mod post;
#[path = "../../src/desk/seams.rs"]
pub mod seams;
