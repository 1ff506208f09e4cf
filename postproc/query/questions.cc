// SPDX-License-Identifier: BSD-3-Clause
// What queries may use besides the tables, and the questions that come with the program. A pair of marks `x` and `/x` of one thread is a phase x;
// pairs of one name do not nest.
#include "query/engine.h"

namespace kutrace {

// z: what is asked of a phase that is not there is NULL, never 0.
const char kViews[] = R"sql(
CREATE MACRO us(x) AS x*1000;
CREATE MACRO ms(x) AS x*1000000;
CREATE MACRO cut(t,d,u,e) AS least(t+d,u+e)-greatest(t,u);
CREATE MACRO hits(t,d,u,e) AS t<u+e AND t+d>u;
CREATE VIEW calls AS SELECT call_id, min(tid) AS tid, min(kind) AS kind, min(name) AS name, min(ts) AS ts, max(ts+dur)-min(ts) AS elapsed, sum(dur)::BIGINT AS own, count(*) AS pieces FROM spans WHERE call_id IS NOT NULL GROUP BY call_id;
CREATE VIEW thread_rows AS SELECT tid, ts, dur, kind part FROM spans WHERE tid<>0 UNION ALL SELECT tid, ts, dur, 'wait:'||reason FROM waits WHERE tid IS NOT NULL;
CREATE VIEW phases AS SELECT p,tid,ts t0,t1,row_number() OVER (PARTITION BY p ORDER BY ts) n FROM (SELECT *,lead(ts) OVER w t1,lead(e) OVER w e1 FROM (SELECT ts,tid,ltrim(label,'/') p,label LIKE '/%' e FROM points WHERE kind='mark_a') WINDOW w AS (PARTITION BY tid,p ORDER BY ts)) WHERE NOT e AND e1;
CREATE MACRO own(x) AS TABLE SELECT n,t0,t1,s.* REPLACE (greatest(t0,ts) AS ts, least(t1,ts+dur)-greatest(t0,ts) AS dur, first*(ts>=t0)::INT AS first) FROM phases JOIN spans s USING (tid) WHERE p=x AND ts<t1 AND ts+dur>t0;
CREATE MACRO ownw(x) AS TABLE SELECT n,w.* REPLACE (greatest(t0,ts) AS ts, least(t1,ts+dur)-greatest(t0,ts) AS dur) FROM phases JOIN waits w USING (tid) WHERE p=x AND ts<t1 AND ts+dur>t0;
CREATE MACRO ownl(x) AS TABLE SELECT n,l.* REPLACE (greatest(t0,ts) AS ts, least(t1,ts+dur)-greatest(t0,ts) AS dur) FROM phases JOIN locks l USING (tid) WHERE p=x AND ts<t1 AND ts+dur>t0;
CREATE MACRO win(x) AS TABLE SELECT n,s.* REPLACE (greatest(t0,ts) AS ts, least(t1,ts+dur)-greatest(t0,ts) AS dur, first*(ts>=t0)::INT AS first) FROM phases JOIN spans s ON ts<t1 AND ts+dur>t0 WHERE p=x;
CREATE MACRO cnt(x) AS (SELECT count(*) FROM phases WHERE p=x);
CREATE MACRO z(x,v) AS CASE WHEN cnt(x)>0 THEN coalesce(v,0) END;
CREATE MACRO total(x) AS (SELECT sum(t1-t0) FROM phases WHERE p=x);
CREATE MACRO q(x,f) AS (SELECT quantile_cont(t1-t0,f) FROM phases WHERE p=x);
CREATE MACRO run(x) AS z(x,(SELECT sum(dur) FROM own(x)));
CREATE MACRO usr(x) AS z(x,(SELECT sum(dur) FROM own(x) WHERE kind='user'));
CREATE MACRO kern(x,f) AS z(x,(SELECT sum(dur) FROM own(x) WHERE kind<>'user' AND name LIKE f));
CREATE MACRO ncall(x,f) AS z(x,(SELECT sum(first) FROM own(x) WHERE kind IN ('syscall','trap') AND name LIKE f));
CREATE MACRO wait(x,r) AS z(x,(SELECT sum(dur) FROM ownw(x) WHERE reason LIKE r));
CREATE MACRO nwait(x,r) AS z(x,(SELECT count(*) FROM ownw(x) WHERE reason LIKE r));
CREATE MACRO ready(x) AS wait(x,'cpu');
CREATE MACRO blocked(x,d) AS z(x,(SELECT count(*) FROM ownw(x) WHERE doing LIKE d AND reason<>'cpu'));
CREATE MACRO peak(x,r) AS (SELECT max(c) FROM (SELECT sum(d) OVER (ORDER BY ts,d) c FROM (SELECT ts,1 d FROM ownw(x) WHERE reason LIKE r UNION ALL SELECT ts+dur,-1 FROM ownw(x) WHERE reason LIKE r)));
CREATE MACRO irqs(x,f) AS z(x,(SELECT sum(first) FROM win(x) WHERE kind IN ('irq','softirq') AND name LIKE f));
CREATE MACRO irqt(x,f) AS z(x,(SELECT sum(dur) FROM own(x) WHERE kind IN ('irq','softirq') AND name LIKE f));
CREATE MACRO moves(x) AS z(x,(SELECT count(*) FROM (SELECT cpu,lag(cpu) OVER (PARTITION BY n ORDER BY ts) c FROM own(x)) WHERE cpu<>c));
CREATE MACRO share(x,g) AS z(x,(SELECT sum(dur)/total(x) FROM win(x) JOIN threads USING (tid) WHERE prog LIKE g));
CREATE MACRO during(x,r,g) AS (SELECT sum(least(w.ts+w.dur,s.ts+s.dur)-greatest(w.ts,s.ts))/wait(x,r) FROM ownw(x) w JOIN spans s ON s.ts<w.ts+w.dur AND s.ts+s.dur>w.ts JOIN threads t ON t.tid=s.tid WHERE w.reason LIKE r AND prog LIKE g AND s.cpu>=0);
CREATE MACRO arcs(x,y) AS z(x,z(y,(SELECT count(*) FROM wakeups w JOIN phases a ON a.p=x AND a.tid=w.waker AND w.ts BETWEEN a.t0 AND a.t1 JOIN phases b ON b.p=y AND b.tid=w.tid AND w.ts BETWEEN b.t0 AND b.t1 WHERE kind='wakeup')));
CREATE MACRO woke(g,h) AS (SELECT count(*) FROM wakeups w JOIN threads a ON a.tid=waker JOIN threads b ON b.tid=w.tid WHERE a.prog=g AND b.prog=h AND kind='wakeup');
CREATE MACRO pts(x,l) AS z(x,(SELECT count(*) FROM points JOIN phases USING (tid) WHERE p=x AND ts BETWEEN t0 AND t1 AND label=l AND kind='mark_a'));
CREATE MACRO tries(x) AS z(x,(SELECT sum(dur) FROM ownl(x) WHERE kind='try'));
CREATE MACRO holderw(x,r) AS (SELECT sum(least(t.ts+t.dur,h.ts+h.dur,w.ts+w.dur)-greatest(t.ts,h.ts,w.ts))/tries(x) FROM ownl(x) t JOIN locks h ON h.kind='held' AND h.lock=t.lock AND h.tid<>t.tid JOIN waits w ON w.tid=h.tid WHERE t.kind='try' AND reason LIKE r AND least(t.ts+t.dur,h.ts+h.dur,w.ts+w.dur)>greatest(t.ts,h.ts,w.ts));
CREATE MACRO tryrun(x) AS (SELECT sum(least(t.ts+t.dur,s.ts+s.dur)-greatest(t.ts,s.ts))/tries(x) FROM ownl(x) t JOIN spans s USING (tid) WHERE t.kind='try' AND s.ts<t.ts+t.dur AND s.ts+s.dur>t.ts);
CREATE MACRO passed(x) AS (SELECT max(c) FROM (SELECT count(h.ts) c FROM ownl(x) t LEFT JOIN locks h ON h.kind='held' AND h.lock=t.lock AND h.tid<>t.tid AND h.ts>t.ts AND h.ts<t.ts+t.dur WHERE t.kind='try' GROUP BY t.tid,t.ts));
CREATE MACRO qw(f) AS (SELECT coalesce(sum(dur),0) FROM waits WHERE reason='queue' AND doing LIKE f);
CREATE MACRO beat(x,y,r) AS (SELECT count(*) FROM phases a JOIN phases b USING (n) WHERE a.p=x AND b.p=y AND b.t1-b.t0>=r*(a.t1-a.t0));
CREATE VIEW rpc2 AS SELECT c.id,c.method,c.t0 c0,c.t1 c1,s.t0 s0,s.t1 s1 FROM rpcs c JOIN rpcs s USING (id) WHERE c.tid<>s.tid AND c.t1-c.t0>=s.t1-s.t0;
CREATE MACRO gaps() AS (SELECT count(*) FROM (SELECT ts-lag(ts+dur) OVER (PARTITION BY cpu ORDER BY ts) g FROM spans WHERE kind<>'coro') WHERE g<>0);
)sql";

const std::vector<Question>& questions() {
  static const std::vector<Question> list = {
      {"busy", "How busy was each CPU, and with what?",
       "SELECT cpu, kind, sum(dur) ns, round(100.0*sum(dur)/sum(sum(dur)) OVER (PARTITION BY cpu),2) pct_of_cpu FROM spans GROUP BY cpu, kind ORDER BY cpu, ns DESC, kind"},
      {"users", "Who used the processors, and what was stolen from them by interrupts?",
       "SELECT tid, threads.name, sum(dur) FILTER (kind NOT IN ('irq','softirq')) own, sum(dur) FILTER (kind IN ('irq','softirq')) stolen FROM spans JOIN threads USING (tid) WHERE tid<>0 GROUP BY ALL ORDER BY own DESC, tid LIMIT 20"},
      {"slow_rpcs", "Which RPCs were slowest, and how many times the median of their method?",
       "SELECT id, method, tid, t0, dur, round(dur/median(dur) OVER (PARTITION BY method),2) times_median FROM rpcs WHERE dur IS NOT NULL ORDER BY dur DESC, id, tid LIMIT 20"},
      {"slowest_rpc", "Where did the thread of the slowest RPC spend its time? Sums to its length.",
       "SELECT part, sum(cut(p.ts,p.dur,r.t0,r.dur)) ns FROM (FROM rpcs WHERE dur IS NOT NULL ORDER BY dur DESC, tid LIMIT 1) r JOIN thread_rows p ON p.tid=r.tid AND hits(p.ts,p.dur,r.t0,r.dur) GROUP BY part ORDER BY ns DESC, part"},
      {"long_waits", "Which waits were longest, and who ended them?",
       "SELECT w.tid, t.name, w.ts, w.dur, w.reason, w.doing, w.waker, w.waker_tid, w.via FROM waits w JOIN threads t USING (tid) WHERE w.reason<>'cpu' ORDER BY w.dur DESC, w.tid, w.ts LIMIT 20"},
      {"latency", "How long from wakeup to run, by thread?",
       "SELECT tid, name, count(*) n, quantile_disc(dur,[0.5,0.95,0.99]) p50_p95_p99, max(dur) worst FROM wakeups JOIN threads USING (tid) WHERE kind='wakeup' GROUP BY ALL ORDER BY worst DESC, tid LIMIT 20"},
      {"ran_instead", "While threads were ready, what ran on the CPU where they then ran?",
       "SELECT w.tid, s.tid ran, s.kind, sum(cut(s.ts,s.dur,w.ts,w.dur)) ns FROM wakeups w JOIN spans s ON s.cpu=w.to_cpu AND hits(s.ts,s.dur,w.ts,w.dur) WHERE w.kind='wakeup' AND s.tid<>w.tid GROUP BY ALL ORDER BY ns DESC, w.tid, ran, s.kind LIMIT 20"},
      {"idle_elsewhere", "Which threads were ready while another CPU was idle for more than half of it?",
       "SELECT w.tid, w.ts, w.dur, w.to_cpu, s.cpu idle_cpu, sum(cut(s.ts,s.dur,w.ts,w.dur)) idle FROM wakeups w JOIN spans s ON s.kind='idle' AND s.cpu<>w.to_cpu AND hits(s.ts,s.dur,w.ts,w.dur) WHERE w.kind='wakeup' GROUP BY ALL HAVING idle*2>w.dur ORDER BY w.dur DESC, w.tid, w.ts, idle_cpu LIMIT 20"},
      {"syscalls", "Which system calls cost most of their own time?",
       "SELECT name, sum(first) calls, sum(dur) own, max(dur) longest_piece FROM spans WHERE kind='syscall' GROUP BY name ORDER BY own DESC, name LIMIT 20"},
      {"interrupts", "Which interrupts and softirqs ran on each CPU?",
       "SELECT cpu, kind, name, sum(first) n, sum(dur) ns, max(dur) longest_piece FROM spans WHERE kind IN ('irq','softirq') GROUP BY ALL ORDER BY ns DESC, cpu, name"},
      {"faults", "Who took page faults and other traps?",
       "SELECT tid, threads.name, spans.name trap, sum(first) n, sum(dur) ns FROM spans JOIN threads USING (tid) WHERE kind='trap' GROUP BY ALL ORDER BY ns DESC, tid, trap LIMIT 20"},
      {"lock_holders", "Who held a lock while others tried to get it? Each waiter counts.",
       "SELECT y.name, h.tid holder, count(DISTINCT (y.tid,y.ts)) tries, sum(cut(h.ts,h.dur,y.ts,y.dur)) ns FROM locks y JOIN locks h ON h.lock=y.lock AND h.kind='held' AND h.tid<>y.tid AND hits(h.ts,h.dur,y.ts,y.dur) WHERE y.kind='try' GROUP BY ALL ORDER BY ns DESC, y.name, holder LIMIT 20"},
      {"who_wakes", "Who wakes whom?",
       "SELECT waker, a.prog waker_prog, w.tid, b.prog, count(*) n FROM wakeups w LEFT JOIN threads a ON a.tid=waker LEFT JOIN threads b ON b.tid=w.tid WHERE w.kind='wakeup' GROUP BY ALL ORDER BY n DESC, waker, w.tid LIMIT 20"},
      {"migrations", "Which threads move between CPUs?",
       "SELECT tid, name, count(*) FILTER (cpu<>prev) moves FROM (SELECT tid, cpu, lag(cpu) OVER (PARTITION BY tid ORDER BY ts, dur) prev FROM spans WHERE tid<>0) JOIN threads USING (tid) GROUP BY ALL HAVING moves>0 ORDER BY moves DESC, tid"},
      {"waiting_over_time", "What is waited for, in steps of 100 ms by start?",
       "SELECT ts//100000000 step, reason, count(*) n, sum(dur) ns FROM waits GROUP BY ALL ORDER BY step, ns DESC, reason"},
      {"samples", "Where was the program counter?",
       "SELECT kind, func, count(*) n, sum(dur) ns FROM samples GROUP BY ALL ORDER BY n DESC, ns DESC, func LIMIT 20"},
      {"rpc_over_time", "How do RPC latencies change from second to second?",
       "SELECT t0//1000000000 s, method, count(*) n, quantile_disc(dur,[0.5,0.99]) p50_p99 FROM rpcs WHERE dur IS NOT NULL GROUP BY ALL ORDER BY ALL"},
      {"rpc_parts", "What do RPCs spend their time in?",
       "SELECT method, part, count(DISTINCT (r.id,r.tid)) n, sum(cut(p.ts,p.dur,r.t0,r.dur)) ns FROM rpcs r JOIN thread_rows p ON p.tid=r.tid AND hits(p.ts,p.dur,r.t0,r.dur) GROUP BY ALL ORDER BY ns DESC, method, part"},
      {"phases", "How long is it from mark x to mark /x?",
       "SELECT p mark, count(*) n, sum(t1-t0) ns, min(t1-t0) shortest, max(t1-t0) longest FROM phases GROUP BY p ORDER BY ns DESC, p"},
      {"complete", "Is all time of each CPU counted? All zero.",
       "SELECT cpu, max(ts+dur)-min(ts)-sum(dur) not_tiled FROM spans WHERE cpu IS NOT NULL GROUP BY cpu ORDER BY cpu"},
  };
  return list;
}

}  // namespace kutrace
