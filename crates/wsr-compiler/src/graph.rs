//! Circles in a graph of things that hold one another.

/// For each node the number of its component: nodes of one component reach each other.
///
/// Tarjan's algorithm without recursion, so that a long chain of types does not need a deep stack.
pub fn components(count: usize, edges: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; count];
    let mut low = vec![UNSEEN; count];
    let mut component = vec![UNSEEN; count];
    let (mut order, mut found) = (0, 0);
    let mut open: Vec<usize> = Vec::new();
    for start in 0..count {
        if index[start] != UNSEEN {
            continue;
        }
        let mut path: Vec<(usize, std::vec::IntoIter<usize>)> = Vec::new();
        let mut entered = Some(start);
        loop {
            if let Some(node) = entered.take() {
                (index[node], low[node]) = (order, order);
                order += 1;
                open.push(node);
                path.push((node, edges(node).into_iter()));
            }
            let Some((node, rest)) = path.last_mut() else { break };
            let node = *node;
            match rest.next() {
                Some(next) if index[next] == UNSEEN => entered = Some(next),
                Some(next) if component[next] == UNSEEN => low[node] = low[node].min(index[next]),
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        low[*parent] = low[*parent].min(low[node]);
                    }
                    if low[node] == index[node] {
                        while let Some(member) = open.pop() {
                            component[member] = found;
                            if member == node {
                                break;
                            }
                        }
                        found += 1;
                    }
                }
            }
        }
    }
    component
}

/// Whether each node reaches itself.
pub fn in_circles(count: usize, edges: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
    let component = components(count, &edges);
    let mut size = vec![0_usize; count];
    component.iter().for_each(|&component| size[component] += 1);
    (0..count).map(|node| size[component[node]] > 1 || edges(node).contains(&node)).collect()
}

#[cfg(test)]
mod tests {
    use super::{components, in_circles};

    #[test]
    fn nodes_that_reach_each_other_are_one_component() {
        // 0 -> 1 -> 2 -> 0, 2 -> 3 -> 4, 4 -> 4
        let lists: [&[usize]; 5] = [&[1], &[2], &[0, 3], &[4], &[4]];
        let edges = |node: usize| lists[node].to_vec();
        let found = components(5, edges);
        assert!(found[0] == found[1] && found[1] == found[2]);
        assert!(found[3] != found[0] && found[3] != found[4]);
        assert_eq!(in_circles(5, edges), [true, true, true, false, true]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let count = 200_000;
        let found = in_circles(count, |node| if node + 1 < count { vec![node + 1] } else { vec![] });
        assert!(!found.contains(&true));
    }
}
