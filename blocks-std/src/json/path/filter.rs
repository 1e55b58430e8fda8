//! Reading a path: filters.

use graphloom::Value;

use super::parse::Parser;
use super::{Match, Operand, Query, Relation, Test};

/// What stands in a filter before it is known what it is for.
enum Term {
    Operand(Operand),
    Query(Query),
    Test(Test),
}

impl Parser<'_> {
    /// Reads tests joined by `||`.
    pub(super) fn test(&mut self) -> Result<Test, String> {
        self.joined("||", Self::all, Test::Any)
    }

    fn all(&mut self) -> Result<Test, String> {
        self.joined("&&", Self::basic, Test::All)
    }

    fn joined(
        &mut self,
        token: &str,
        read: fn(&mut Self) -> Result<Test, String>,
        join: fn(Vec<Test>) -> Test,
    ) -> Result<Test, String> {
        let first = read(self)?;
        let mut tests = vec![first];
        loop {
            let behind = self.scan.place();
            self.scan.blanks();
            if !self.scan.eat(token) {
                self.scan.go_back(behind);
                break;
            }
            self.scan.blanks();
            tests.push(read(self)?);
        }
        match tests.len() {
            1 => tests.pop().ok_or_else(String::new),
            _ => Ok(join(tests)),
        }
    }

    fn basic(&mut self) -> Result<Test, String> {
        if self.scan.eat("!") {
            self.scan.blanks();
            let test = match self.scan.peek() {
                Some('(') => self.parenthesised()?,
                _ => {
                    let begin = self.scan.place();
                    let term = self.term()?;
                    self.alone(term, begin)?
                }
            };
            return Ok(Test::Not(Box::new(test)));
        }
        if self.scan.peek() == Some('(') {
            return self.parenthesised();
        }
        let begin = self.scan.place();
        let left = self.term()?;
        let behind = self.scan.place();
        self.scan.blanks();
        let Some(relation) = self.relation() else {
            self.scan.go_back(behind);
            return self.alone(left, begin);
        };
        let left = self.operand(left, begin)?;
        self.scan.blanks();
        let begin = self.scan.place();
        let right = self.term()?;
        let right = self.operand(right, begin)?;
        Ok(Test::Compare(Box::new((left, relation, right))))
    }

    fn parenthesised(&mut self) -> Result<Test, String> {
        self.scan.expect("(")?;
        self.scan.blanks();
        let test = self.deeper(Self::test)?;
        self.scan.blanks();
        self.scan.expect(")")?;
        Ok(test)
    }

    fn relation(&mut self) -> Option<Relation> {
        // The longer ones first.
        let all = [
            ("==", Relation::Equal),
            ("!=", Relation::Differs),
            ("<=", Relation::LessOrEqual),
            (">=", Relation::GreaterOrEqual),
            ("<", Relation::Less),
            (">", Relation::Greater),
        ];
        all.into_iter()
            .find_map(|(token, relation)| self.scan.eat(token).then_some(relation))
    }

    /// Takes a term as a test by itself.
    fn alone(&mut self, term: Term, begin: usize) -> Result<Test, String> {
        match term {
            Term::Query(query) => Ok(Test::Exists(query)),
            Term::Test(test) => Ok(test),
            Term::Operand(_) => {
                self.scan.go_back(begin);
                Err(self
                    .scan
                    .wrong("a path, `match(..)`, `search(..)` or a comparison"))
            }
        }
    }

    /// Takes a term as one side of a comparison.
    fn operand(&mut self, term: Term, begin: usize) -> Result<Operand, String> {
        match term {
            Term::Operand(operand) => Ok(operand),
            Term::Query(query) if query.is_singular() => Ok(Operand::Singular(query)),
            Term::Query(_) | Term::Test(_) => {
                self.scan.go_back(begin);
                Err(self.scan.wrong(
                    "a value to compare: a literal, a path that finds one place at most, `length(..)`, `count(..)` or `value(..)`",
                ))
            }
        }
    }

    fn term(&mut self) -> Result<Term, String> {
        let literal = |value: Value| Ok(Term::Operand(Operand::Literal(value)));
        match self.scan.peek() {
            Some('$' | '@') => self.deeper(Self::query).map(Term::Query),
            Some('"' | '\'') => literal(Value::from(self.scan.quoted()?)),
            Some('-' | '0'..='9') => literal(self.scan.number()?),
            Some('a'..='z') => {
                let begin = self.scan.place();
                let word = self
                    .scan
                    .take_while(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
                match word {
                    _ if self.scan.peek() == Some('(') => self.function(word, begin),
                    "true" => literal(Value::Bool(true)),
                    "false" => literal(Value::Bool(false)),
                    "null" => literal(Value::Null),
                    _ => {
                        self.scan.go_back(begin);
                        Err(self.scan.wrong("`true`, `false`, `null` or a function"))
                    }
                }
            }
            _ => Err(self.scan.wrong("a path, a literal or a function")),
        }
    }

    fn function(&mut self, name: &str, begin: usize) -> Result<Term, String> {
        self.scan.expect("(")?;
        let term = match name {
            "length" => Term::Operand(Operand::Length(Box::new(self.value_argument()?))),
            "count" => Term::Operand(Operand::Count(self.nodes_argument()?)),
            "value" => Term::Operand(Operand::Value(self.nodes_argument()?)),
            "match" | "search" => {
                let text = self.value_argument()?;
                self.scan.expect(",")?;
                Term::Test(Test::Matches(Box::new(Match {
                    text,
                    pattern: self.value_argument()?,
                    whole: name == "match",
                })))
            }
            _ => {
                self.scan.go_back(begin);
                return Err(self
                    .scan
                    .wrong("one of `length`, `count`, `match`, `search`, `value`"));
            }
        };
        self.scan.expect(")")?;
        Ok(term)
    }

    fn value_argument(&mut self) -> Result<Operand, String> {
        self.scan.blanks();
        let begin = self.scan.place();
        let term = self.deeper(Self::term)?;
        let operand = self.operand(term, begin)?;
        self.scan.blanks();
        Ok(operand)
    }

    fn nodes_argument(&mut self) -> Result<Query, String> {
        self.scan.blanks();
        if !matches!(self.scan.peek(), Some('$' | '@')) {
            return Err(self.scan.wrong("a path"));
        }
        let query = self.deeper(Self::query)?;
        self.scan.blanks();
        Ok(query)
    }
}
