//! Tags read as parts of a template, each by its own rules.

use std::rc::Rc;

use graphloom::Text;

use super::Result;
use super::ast::{Expr, Filter, For, Macro, Node, Target};
use super::lexer::Token;
use super::parser::Parser;

impl Parser {
    pub(super) fn if_node(&mut self) -> Result<Node> {
        let mut branches = Vec::new();
        loop {
            let test = self.tuple(false)?;
            self.take(":");
            self.block_end()?;
            let (body, end) = self.nodes(&["elif", "else", "endif"])?;
            branches.push((test, body));
            match end.as_str() {
                "elif" => {}
                "else" => {
                    let otherwise = self.body("endif")?;
                    self.block_end()?;
                    return Ok(Node::If {
                        branches,
                        otherwise,
                    });
                }
                _ => {
                    self.block_end()?;
                    return Ok(Node::If {
                        branches,
                        otherwise: Vec::new(),
                    });
                }
            }
        }
    }

    pub(super) fn for_node(&mut self) -> Result<Node> {
        let target = self.target()?;
        if !self.take_name("in") {
            return Err(self.unexpected("in"));
        }
        let over = self.tuple(false)?;
        let test = if self.take_name("if") {
            Some(self.expression()?)
        } else {
            None
        };
        let recursive = self.take_name("recursive");
        self.take(":");
        self.block_end()?;
        let (body, end) = self.nodes(&["else", "endfor"])?;
        let otherwise = if end.as_str() == "else" {
            self.body("endfor")?
        } else {
            Vec::new()
        };
        self.block_end()?;
        Ok(Node::For(Rc::new(For {
            target,
            over,
            test,
            recursive,
            body,
            otherwise,
        })))
    }

    pub(super) fn set_node(&mut self) -> Result<Node> {
        let target = self.target()?;
        if self.take("=") {
            let value = self.tuple(true)?;
            self.block_end()?;
            return Ok(Node::Set { target, value });
        }
        let filters = if self.take("|") {
            self.filters()?
        } else {
            Vec::new()
        };
        let body = self.body("endset")?;
        self.block_end()?;
        Ok(Node::SetBlock {
            target,
            filters,
            body,
        })
    }

    pub(super) fn with_node(&mut self) -> Result<Node> {
        let mut values = Vec::new();
        while !matches!(self.peek(), Some(Token::BlockEnd)) && !self.is_operator(":") {
            if !values.is_empty() {
                self.expect(",")?;
            }
            let target = self.target_item()?;
            self.expect("=")?;
            values.push((target, self.expression()?));
        }
        Ok(Node::With {
            values,
            body: self.body("endwith")?,
        })
    }

    pub(super) fn macro_node(&mut self) -> Result<Node> {
        let name = self.name()?;
        let parameters = if self.is_operator("(") {
            self.parameters()?
        } else {
            return Err(self.unexpected("("));
        };
        let body = self.body("endmacro")?;
        Ok(Node::Macro(Rc::new(Macro {
            name,
            parameters,
            body,
        })))
    }

    pub(super) fn call_node(&mut self) -> Result<Node> {
        let parameters = if self.is_operator("(") {
            self.parameters()?
        } else {
            Vec::new()
        };
        let call = self.expression()?;
        if !matches!(call, Expr::Call(..)) {
            return Err("call needs a call: {% call name() %}".to_owned());
        }
        let body = self.body("endcall")?;
        let body = Rc::new(Macro {
            name: Text::from("caller"),
            parameters,
            body,
        });
        Ok(Node::Call { call, body })
    }

    fn parameters(&mut self) -> Result<Vec<(Text, Option<Expr>)>> {
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.take(")") {
            if !parameters.is_empty() {
                self.expect(",")?;
            }
            let name = self.name()?;
            let default = if self.take("=") {
                Some(self.expression()?)
            } else {
                None
            };
            parameters.push((name, default));
        }
        Ok(parameters)
    }

    pub(super) fn other_template(&mut self) -> Result<Node> {
        let template = self.expression()?;
        let mut missing_is_fine = false;
        while let Some(Token::Name(word)) = self.peek() {
            missing_is_fine |= word.as_str() == "missing";
            self.at += 1;
            while self.take(",") {}
        }
        if missing_is_fine {
            return Ok(Node::Data(String::new()));
        }
        Ok(Node::Other(template))
    }

    pub(super) fn filters(&mut self) -> Result<Vec<Filter>> {
        let mut filters = vec![self.filter()?];
        while self.take("|") {
            filters.push(self.filter()?);
        }
        Ok(filters)
    }

    fn target(&mut self) -> Result<Target> {
        let first = self.target_item()?;
        if !self.is_operator(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take(",") {
            if self.is_name("in") || self.is_operator("=") || self.peek() == Some(&Token::BlockEnd)
            {
                break;
            }
            items.push(self.target_item()?);
        }
        Ok(Target::Tuple(items))
    }

    fn target_item(&mut self) -> Result<Target> {
        if self.take("(") {
            let target = self.deeper(Self::target)?;
            self.expect(")")?;
            return Ok(target);
        }
        let name = self.name()?;
        if ["true", "false", "none", "True", "False", "None"].contains(&name.as_str()) {
            return Err(format!("can't assign to '{name}'"));
        }
        Ok(Target::Name(name))
    }
}
