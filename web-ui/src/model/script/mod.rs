//! What is offered to those who write a projection: the members of the payloads that the log has, and texts to begin with.

mod shapes;
mod templates;

pub use shapes::{Kind, Member, Shapes};
pub use templates::{Known, TEMPLATES, Template};
