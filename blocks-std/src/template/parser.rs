//! Tokens read as the parts of a template.

use graphloom::Text;

use super::ast::{Constant, Expr, Node};
use super::lexer::{Spot, Token, expression_tokens, tokens};
use super::{MAX_DEPTH, Result};

/// Reads a template.
pub(super) fn parse(source: &str) -> Result<Vec<Node>> {
    let (nodes, _) = Parser::new(tokens(source)?).nodes(&[])?;
    Ok(nodes)
}

/// Reads an expression that stands by itself.
pub(super) fn parse_expression(source: &str) -> Result<Expr> {
    let mut parser = Parser::new(expression_tokens(source)?);
    let expr = parser.tuple(true)?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

/// Where the parser is.
pub(super) struct Parser {
    pub(super) tokens: Vec<(Token, Spot)>,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// The operations of the statement so far.
    pub(super) n_operations: usize,
}

impl Parser {
    const fn new(tokens: Vec<(Token, Spot)>) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
            n_operations: 0,
        }
    }

    /// Returns where the next token stands.
    pub(super) fn spot(&self) -> Spot {
        self.tokens
            .get(self.at)
            .map(|(_, spot)| *spot)
            .unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    pub(super) fn is_operator(&self, operator: &str) -> bool {
        matches!(self.peek(), Some(Token::Operator(found)) if *found == operator)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(found)) if found.as_str() == name)
    }

    /// Takes an operator if it is next.
    pub(super) fn take(&mut self, operator: &str) -> bool {
        let found = self.is_operator(operator);
        self.at += usize::from(found);
        found
    }

    /// Takes a name if it is next.
    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, operator: &str) -> Result<()> {
        if self.take(operator) {
            Ok(())
        } else {
            Err(self.unexpected(operator))
        }
    }

    /// Returns a message about the next token; `expected` says what would have done.
    pub(super) fn unexpected(&self, expected: &str) -> String {
        match self.tokens.get(self.at) {
            Some((token, spot)) => {
                format!("{spot}: expected {expected}, got '{}'", token.describe())
            }
            None => format!("the template ends where {expected} is expected"),
        }
    }

    pub(super) fn name(&mut self) -> Result<Text> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// Guards what goes deeper by recursion.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("the template is nested deeper than {MAX_DEPTH}"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn block_end(&mut self) -> Result<()> {
        match self.peek() {
            Some(Token::BlockEnd) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.unexpected("%}")),
        }
    }

    /// Reads nodes up to a tag with one of these names, which is taken without its end; none: up to the end.
    pub(super) fn nodes(&mut self, ends: &[&str]) -> Result<(Vec<Node>, Text)> {
        let mut nodes = Vec::new();
        loop {
            self.n_operations = 0;
            let token = match self.tokens.get_mut(self.at) {
                // Nobody looks back at a text.
                Some((Token::Data(data), _)) => Some(Token::Data(std::mem::take(data))),
                other => other.map(|(token, _)| token.clone()),
            };
            self.at += 1;
            match token {
                Some(Token::Data(data)) => nodes.push(Node::Data(data)),
                Some(Token::PrintStart) => {
                    nodes.push(Node::Print(self.tuple(true)?));
                    if self.peek() != Some(&Token::PrintEnd) {
                        return Err(self.unexpected("end of print statement"));
                    }
                    self.at += 1;
                }
                Some(Token::BlockStart) => {
                    let Ok(name) = self.name() else {
                        return Err(self.unexpected("a tag"));
                    };
                    if ends.contains(&name.as_str()) {
                        return Ok((nodes, name));
                    }
                    let node = self.deeper(|parser| parser.statement(&name))?;
                    nodes.push(node);
                }
                None if ends.is_empty() => return Ok((nodes, Text::from(""))),
                None => {
                    return Err(format!(
                        "the template ends where {} is expected",
                        ends.join(" or ")
                    ));
                }
                Some(_) => {
                    self.at -= 1;
                    return Err(self.unexpected("text or a tag"));
                }
            }
        }
    }

    /// Reads the end of a tag, what is inside, and the closing tag.
    pub(super) fn body(&mut self, end: &str) -> Result<Vec<Node>> {
        self.take(":");
        self.block_end()?;
        let (body, _) = self.nodes(&[end])?;
        Ok(body)
    }

    fn statement(&mut self, name: &str) -> Result<Node> {
        let node = match name {
            "if" => return self.if_node(),
            "for" => return self.for_node(),
            "set" => return self.set_node(),
            "with" => self.with_node()?,
            "autoescape" => {
                let on = self.expression()?;
                Node::Autoescape {
                    on,
                    body: self.body("endautoescape")?,
                }
            }
            "filter" => {
                let filters = self.filters()?;
                Node::Filter {
                    filters,
                    body: self.body("endfilter")?,
                }
            }
            "block" => {
                self.name()?;
                while self.take_name("scoped") || self.take_name("required") {}
                let body = self.body("endblock")?;
                if matches!(self.peek(), Some(Token::Name(_))) {
                    self.at += 1;
                }
                Node::Block(body)
            }
            "macro" => self.macro_node()?,
            "call" => self.call_node()?,
            "print" => Node::Print(self.tuple(true)?),
            "extends" | "include" | "import" | "from" => self.other_template()?,
            _ => return Err(format!("Encountered unknown tag '{name}'.")),
        };
        self.block_end()?;
        Ok(node)
    }
}

/// Returns what a name stands for whatever the values are.
pub(super) fn constant(name: &str) -> Option<Constant> {
    match name {
        "true" | "True" => Some(Constant::Bool(true)),
        "false" | "False" => Some(Constant::Bool(false)),
        "none" | "None" => Some(Constant::None),
        _ => None,
    }
}
