//! The nodes of the two crates whose tasks take a fixed number of inputs: one type for each number.

/// Makes a task of each number of inputs, `D0` to `D8`. Expects the crate's attribute `task` in scope.
macro_rules! tasks_of_each_arity {
    () => {
        tasks_of_each_arity! {
            D0();
            D1(a);
            D2(a, b);
            D3(a, b, c);
            D4(a, b, c, d);
            D5(a, b, c, d, e);
            D6(a, b, c, d, e, f);
            D7(a, b, c, d, e, f, g);
            D8(a, b, c, d, e, f, g, h);
        }
    };
    ($($name:ident($($input:ident),*);)+) => {
        $(
            struct $name(u64, Work);

            #[task]
            impl $name {
                async fn run(&mut self $(, $input: &u64)*) -> u64 {
                    let sum = self.0 $( .wrapping_add(*$input) )*;
                    body(self.1, sum).await
                }
            }
        )+
    };
}

/// Adds node `$i` of `$spec` to `$dag`, whose earlier nodes have the handles `$h`.
macro_rules! add_of_each_arity {
    ($dag:ident, $spec:ident, $h:ident, $i:ident) => {{
        let (add, work, p) = ($spec.add[$i], $spec.work[$i], $spec.p($i));
        let at = |k: usize| &$h[p[k] as usize];
        match p.len() {
            0 => $dag.add_task(D0(add, work)).into(),
            1 => $dag.add_task(D1(add, work)).depends_on(at(0)),
            2 => $dag.add_task(D2(add, work)).depends_on((at(0), at(1))),
            3 => $dag
                .add_task(D3(add, work))
                .depends_on((at(0), at(1), at(2))),
            4 => $dag
                .add_task(D4(add, work))
                .depends_on((at(0), at(1), at(2), at(3))),
            5 => $dag
                .add_task(D5(add, work))
                .depends_on((at(0), at(1), at(2), at(3), at(4))),
            6 => {
                $dag.add_task(D6(add, work))
                    .depends_on((at(0), at(1), at(2), at(3), at(4), at(5)))
            }
            7 => $dag.add_task(D7(add, work)).depends_on((
                at(0),
                at(1),
                at(2),
                at(3),
                at(4),
                at(5),
                at(6),
            )),
            8 => $dag.add_task(D8(add, work)).depends_on((
                at(0),
                at(1),
                at(2),
                at(3),
                at(4),
                at(5),
                at(6),
                at(7),
            )),
            n => unreachable!("{n} inputs"),
        }
    }};
}

pub(super) use {add_of_each_arity, tasks_of_each_arity};
