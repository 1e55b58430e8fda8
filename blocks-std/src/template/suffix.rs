//! What stands after an expression: attributes, items, calls, filters and tests.

use graphloom::Text;

use super::Result;
use super::ast::{Arguments, Constant, Expr, Filter};
use super::lexer::{Spot, Token};
use super::parser::Parser;

impl Parser {
    pub(super) fn postfix(&mut self, mut value: Expr) -> Result<Expr> {
        loop {
            let before = self.spot();
            if self.take(".") {
                let spot = self.spot();
                value = match self.peek().cloned() {
                    Some(Token::Name(name)) => Expr::Attribute(Box::new(value), name, spot),
                    Some(Token::Int(index)) => Expr::Item(
                        Box::new(value),
                        Box::new(Expr::Constant(Constant::Int(index))),
                        spot,
                    ),
                    _ => return Err(self.unexpected("a name or a number")),
                };
                self.at += 1;
            } else if self.take("[") {
                value = self.subscript(value, before)?;
            } else if self.is_operator("(") {
                let arguments = self.arguments()?;
                value = Expr::Call(Box::new(value), Box::new(arguments), before);
            } else {
                return Ok(value);
            }
            self.count()?;
        }
    }

    fn subscript(&mut self, value: Expr, spot: Spot) -> Result<Expr> {
        let mut parts: [Option<Expr>; 3] = [None, None, None];
        let mut colons = 0;
        for part in &mut parts {
            if !self.is_operator(":") && !self.is_operator("]") {
                *part = Some(self.expression()?);
            }
            if !self.take(":") {
                break;
            }
            colons += 1;
        }
        self.expect("]")?;
        match (colons, parts) {
            (0, [Some(key), None, None]) => Ok(Expr::Item(Box::new(value), Box::new(key), spot)),
            (0, _) => Err("a subscript is empty".to_owned()),
            (_, parts) => Ok(Expr::Slice(Box::new(value), Box::new(parts))),
        }
    }

    fn arguments(&mut self) -> Result<Arguments> {
        self.expect("(")?;
        let mut arguments = Arguments::default();
        let mut first = true;
        while !self.take(")") {
            if !first {
                self.expect(",")?;
                if self.take(")") {
                    break;
                }
            }
            first = false;
            let named = match (self.peek(), self.tokens.get(self.at + 1)) {
                (Some(Token::Name(name)), Some((Token::Operator("="), _))) => Some(name.clone()),
                _ => None,
            };
            if let Some(name) = named {
                self.at += 2;
                let value = self.expression()?;
                arguments.named.push((name, value));
            } else if self.take("**") {
                arguments.spread_named = Some(self.expression()?);
            } else if self.take("*") {
                arguments.spread = Some(self.expression()?);
            } else if arguments.named.is_empty() {
                arguments.positional.push(self.expression()?);
            } else {
                return Err("an argument without a name comes after one with a name".to_owned());
            }
        }
        Ok(arguments)
    }

    pub(super) fn filtered(&mut self, mut value: Expr) -> Result<Expr> {
        loop {
            let before = self.spot();
            if self.take("|") {
                let filter = self.filter()?;
                value = Expr::Filter(Box::new(value), Box::new(filter));
            } else if self.take_name("is") {
                value = self.test(value, before)?;
            } else if self.is_operator("(") {
                let arguments = self.arguments()?;
                value = Expr::Call(Box::new(value), Box::new(arguments), before);
            } else {
                return Ok(value);
            }
            self.count()?;
        }
    }

    /// Reads a filter; the bar is behind us.
    pub(super) fn filter(&mut self) -> Result<Filter> {
        let spot = self.spot();
        let name = self.dotted()?;
        let arguments = if self.is_operator("(") {
            self.arguments()?
        } else {
            Arguments::default()
        };
        Ok(Filter {
            name,
            arguments,
            spot,
        })
    }

    fn dotted(&mut self) -> Result<Text> {
        let mut name = self.name()?;
        while self.take(".") {
            name = Text::from(format!("{name}.{}", self.name()?));
        }
        Ok(name)
    }

    fn test(&mut self, value: Expr, spot: Spot) -> Result<Expr> {
        let negated = self.take_name("not");
        let name = self.dotted()?;
        let mut arguments = Arguments::default();
        if self.is_operator("(") {
            arguments = self.arguments()?;
        } else if self.starts_argument() {
            if self.is_name("is") {
                return Err("a test follows a test: put one in parentheses".to_owned());
            }
            let argument = self.deeper(|parser| {
                let argument = parser.primary()?;
                parser.postfix(argument)
            })?;
            arguments.positional.push(argument);
        }
        Ok(Expr::Test {
            value: Box::new(value),
            name,
            arguments: Box::new(arguments),
            negated,
            spot,
        })
    }

    fn starts_argument(&self) -> bool {
        match self.peek() {
            Some(Token::Name(name)) => {
                !["else", "or", "and", "if", "in", "not"].contains(&name.as_str())
            }
            Some(Token::Text(_) | Token::Int(_) | Token::Float(_)) => true,
            Some(Token::Operator(operator)) => ["[", "{"].contains(operator),
            _ => false,
        }
    }
}
