//! Tokens read as expressions, by Jinja's precedence.

use graphloom::Text;

use super::Result;
use super::ast::{Binary, Comparison, Constant, Expr, Unary};
use super::lexer::Token;
use super::parser::{Parser, constant};

/// One statement may have this many operations: they nest, and so does what works on them.
const MAX_OPERATIONS: usize = 2_000;

impl Parser {
    /// Counts an operation.
    pub(super) fn count(&mut self) -> Result<()> {
        self.n_operations += 1;
        if self.n_operations > MAX_OPERATIONS {
            return Err(format!(
                "one expression has more than {MAX_OPERATIONS} operations"
            ));
        }
        Ok(())
    }

    /// Reads expressions with commas between them as one tuple, or one without a comma as itself.
    pub(super) fn tuple(&mut self, conditional: bool) -> Result<Expr> {
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            if comma && self.at_tuple_end() {
                break;
            }
            items.push(if conditional {
                self.expression()?
            } else {
                self.deeper(Self::or)?
            });
            if !self.take(",") {
                break;
            }
            comma = true;
        }
        match items.pop() {
            Some(only) if items.is_empty() && !comma => Ok(only),
            last => {
                items.extend(last);
                Ok(Expr::Tuple(items))
            }
        }
    }

    fn at_tuple_end(&self) -> bool {
        matches!(
            self.peek(),
            None | Some(Token::PrintEnd | Token::BlockEnd | Token::Operator(")"))
        ) || self.is_name("recursive")
    }

    /// Reads an expression.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.deeper(|parser| {
            let mut value = parser.or()?;
            while parser.take_name("if") {
                parser.count()?;
                let test = Box::new(parser.or()?);
                let otherwise = if parser.take_name("else") {
                    Some(Box::new(parser.expression()?))
                } else {
                    None
                };
                value = Expr::Conditional {
                    test,
                    value: Box::new(value),
                    otherwise,
                };
            }
            Ok(value)
        })
    }

    fn or(&mut self) -> Result<Expr> {
        let mut left = self.and()?;
        while self.take_name("or") {
            self.count()?;
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr> {
        let mut left = self.not()?;
        while self.take_name("and") {
            self.count()?;
            left = Expr::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr> {
        if self.take_name("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(Expr::Unary(Unary::Not, Box::new(inner)));
        }
        self.compare()
    }

    fn compare(&mut self) -> Result<Expr> {
        let first = self.sum()?;
        let mut rest = Vec::new();
        let spot = self.spot();
        while let Some(comparison) = self.comparison() {
            self.count()?;
            rest.push((comparison, self.sum()?));
        }
        if rest.is_empty() {
            Ok(first)
        } else {
            Ok(Expr::Compare(Box::new(first), rest, spot))
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let found = match self.peek()? {
            Token::Operator("==") => Comparison::Equal,
            Token::Operator("!=") => Comparison::NotEqual,
            Token::Operator("<") => Comparison::Less,
            Token::Operator("<=") => Comparison::LessOrEqual,
            Token::Operator(">") => Comparison::Greater,
            Token::Operator(">=") => Comparison::GreaterOrEqual,
            Token::Name(name) if name.as_str() == "in" => Comparison::In,
            Token::Name(name) if name.as_str() == "not" => {
                match self.tokens.get(self.at + 1) {
                    Some((Token::Name(next), _)) if next.as_str() == "in" => self.at += 1,
                    _ => return None,
                }
                Comparison::NotIn
            }
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    fn sum(&mut self) -> Result<Expr> {
        let mut left = self.concat()?;
        loop {
            let spot = self.spot();
            let binary = if self.take("+") {
                Binary::Add
            } else if self.take("-") {
                Binary::Subtract
            } else {
                return Ok(left);
            };
            self.count()?;
            left = Expr::Binary(binary, Box::new(left), Box::new(self.concat()?), spot);
        }
    }

    fn concat(&mut self) -> Result<Expr> {
        let first = self.product()?;
        if !self.is_operator("~") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take("~") {
            parts.push(self.product()?);
        }
        Ok(Expr::Concat(parts))
    }

    fn product(&mut self) -> Result<Expr> {
        let mut left = self.power()?;
        loop {
            let spot = self.spot();
            let binary = match self.peek() {
                Some(Token::Operator("*")) => Binary::Multiply,
                Some(Token::Operator("/")) => Binary::Divide,
                Some(Token::Operator("//")) => Binary::FloorDivide,
                Some(Token::Operator("%")) => Binary::Modulo,
                _ => return Ok(left),
            };
            self.at += 1;
            self.count()?;
            left = Expr::Binary(binary, Box::new(left), Box::new(self.power()?), spot);
        }
    }

    /// Powers are taken from left to right, and a sign binds closer: Jinja's way, not Python's.
    fn power(&mut self) -> Result<Expr> {
        let mut left = self.unary(true)?;
        loop {
            let spot = self.spot();
            if !self.take("**") {
                return Ok(left);
            }
            self.count()?;
            let right = Box::new(self.unary(true)?);
            left = Expr::Binary(Binary::Power, Box::new(left), right, spot);
        }
    }

    fn unary(&mut self, with_filters: bool) -> Result<Expr> {
        let sign = if self.take("-") {
            Some(Unary::Minus)
        } else if self.take("+") {
            Some(Unary::Plus)
        } else {
            None
        };
        let inner = match sign {
            Some(sign) => Expr::Unary(sign, Box::new(self.deeper(|parser| parser.unary(false))?)),
            None => self.primary()?,
        };
        let inner = self.postfix(inner)?;
        if with_filters {
            self.filtered(inner)
        } else {
            Ok(inner)
        }
    }

    pub(super) fn primary(&mut self) -> Result<Expr> {
        let Some(token) = self.peek().cloned() else {
            return Err(self.unexpected("an expression"));
        };
        let (expected, spot) = (self.at, self.spot());
        self.at += 1;
        match token {
            Token::Name(name) => Ok(match constant(&name) {
                Some(constant) => Expr::Constant(constant),
                None => Expr::Name(name, spot),
            }),
            Token::Text(text) => {
                let mut all = text;
                while let Some(Token::Text(more)) = self.peek() {
                    all = Text::from(format!("{all}{more}"));
                    self.at += 1;
                }
                Ok(Expr::Constant(Constant::Text(all)))
            }
            Token::Int(int) => Ok(Expr::Constant(Constant::Int(int))),
            Token::Float(float) => Ok(Expr::Constant(Constant::Float(float))),
            Token::Operator("(") => {
                if self.take(")") {
                    return Ok(Expr::Tuple(Vec::new()));
                }
                let inner = self.tuple(true)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Operator("[") => Ok(Expr::List(self.list("]")?)),
            Token::Operator("{") => self.dict(),
            _ => {
                self.at = expected;
                Err(self.unexpected("an expression"))
            }
        }
    }

    /// Reads expressions up to a bracket; a comma may stand after the last.
    fn list(&mut self, end: &str) -> Result<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.take(end) {
            if !items.is_empty() {
                self.expect(",")?;
                if self.take(end) {
                    break;
                }
            }
            items.push(self.expression()?);
        }
        Ok(items)
    }

    fn dict(&mut self) -> Result<Expr> {
        let mut entries = Vec::new();
        while !self.take("}") {
            if !entries.is_empty() {
                self.expect(",")?;
                if self.take("}") {
                    break;
                }
            }
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
        }
        Ok(Expr::Dict(entries))
    }
}
