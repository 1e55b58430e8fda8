//! A parsed template.

use std::rc::Rc;

use graphloom::Text;

use super::lexer::Spot;

/// A part of a template.
#[derive(Debug)]
pub(super) enum Node {
    /// Text as it is.
    Data(String),
    /// `{{ expression }}`.
    Print(Expr),
    If {
        branches: Vec<(Expr, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    For(Rc<For>),
    /// `{% set target = value %}`.
    Set {
        target: Target,
        value: Expr,
    },
    /// `{% set target %}…{% endset %}`, with filters.
    SetBlock {
        target: Target,
        filters: Vec<Filter>,
        body: Vec<Node>,
    },
    With {
        values: Vec<(Target, Expr)>,
        body: Vec<Node>,
    },
    Autoescape {
        on: Expr,
        body: Vec<Node>,
    },
    /// `{% filter f %}…{% endfilter %}`.
    Filter {
        filters: Vec<Filter>,
        body: Vec<Node>,
    },
    /// `{% block name %}…{% endblock %}`; without inheritance just its content.
    Block(Vec<Node>),
    Macro(Rc<Macro>),
    /// `{% call m() %}…{% endcall %}`.
    Call {
        call: Expr,
        body: Rc<Macro>,
    },
    /// `extends`, `include`, `import`: there are no other templates.
    Other(Expr),
}

/// A loop.
#[derive(Debug)]
pub(super) struct For {
    pub(super) target: Target,
    pub(super) over: Expr,
    pub(super) test: Option<Expr>,
    pub(super) recursive: bool,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// A macro, or the body of a call.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) name: Text,
    pub(super) parameters: Vec<(Text, Option<Expr>)>,
    pub(super) body: Vec<Node>,
}

/// What is assigned to.
#[derive(Debug)]
pub(super) enum Target {
    Name(Text),
    Tuple(Vec<Target>),
}

/// A filter with its arguments.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: Text,
    pub(super) arguments: Arguments,
    pub(super) spot: Spot,
}

/// The arguments of a call.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) positional: Vec<Expr>,
    pub(super) named: Vec<(Text, Expr)>,
    /// `*list`.
    pub(super) spread: Option<Expr>,
    /// `**dict`.
    pub(super) spread_named: Option<Expr>,
}

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    Constant(Constant),
    Name(Text, Spot),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>, Spot),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `a < b <= c`.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>, Spot),
    /// `a ~ b ~ c`.
    Concat(Vec<Expr>),
    /// `value if test else otherwise`.
    Conditional {
        test: Box<Expr>,
        value: Box<Expr>,
        otherwise: Option<Box<Expr>>,
    },
    Attribute(Box<Expr>, Text, Spot),
    Item(Box<Expr>, Box<Expr>, Spot),
    Slice(Box<Expr>, Box<[Option<Expr>; 3]>),
    Call(Box<Expr>, Box<Arguments>, Spot),
    Filter(Box<Expr>, Box<Filter>),
    Test {
        value: Box<Expr>,
        name: Text,
        arguments: Box<Arguments>,
        negated: bool,
        spot: Spot,
    },
}

impl Expr {
    /// Returns where it stands, if that says more than where its parts do: of an operation the operator.
    pub(super) fn spot(&self) -> Option<Spot> {
        match self {
            Self::Name(_, spot)
            | Self::Binary(.., spot)
            | Self::Compare(.., spot)
            | Self::Attribute(.., spot)
            | Self::Item(.., spot)
            | Self::Call(.., spot)
            | Self::Test { spot, .. } => Some(*spot),
            Self::Filter(_, filter) => Some(filter.spot),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Constant {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Text),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Unary {
    Not,
    Minus,
    Plus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}
