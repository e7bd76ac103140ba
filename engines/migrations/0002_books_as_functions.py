"""The statements that stand before and after every call, as functions: Postgres then plans each once per connection.

They run with the rights of whoever calls them, so that every policy holds in them as in a statement of the caller's.
"""

from django.db import migrations

STANDING = """
CREATE FUNCTION engines_standing(of_school uuid, of_month date) RETURNS TABLE (
  rules text, currency varchar, cap_u bigint, warn_percent smallint, at_cap varchar, question_label varchar,
  limit_u bigint, spent_u bigint, reserved_u bigint
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT (SELECT json_agg(json_build_array(engine, is_enabled, max_label, tasks))::text
      FROM engines_rule WHERE school_id = of_school),
    plan.currency, plan.cap_u, plan.warn_percent, plan.at_cap, plan.question_label,
    budget.limit_u, budget.spent_u, budget.reserved_u
  FROM (SELECT 1) AS one
  LEFT JOIN engines_plan AS plan ON plan.school_id = of_school
  LEFT JOIN engines_budget AS budget ON budget.school_id = of_school AND budget.month = of_month;
END $$
"""

DECIDE = """
CREATE FUNCTION engines_decide(
  of_school uuid, decision uuid, user_id uuid, task text, purpose text, subject uuid, label text, parts jsonb,
  tokens_in integer, tokens_out integer, candidates jsonb, policy_version text, price_version text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  INSERT INTO engines_decision AS written (id, school_id, user_id, task, purpose, subject_id, label, label_sources,
    tokens_in, tokens_out, candidates, chosen, policy_version, price_version, created_at)
  VALUES (decision, of_school, user_id, task, purpose, subject, label, parts, tokens_in, tokens_out, candidates, '',
    policy_version, price_version, at);
END $$
"""

# True when the call may be made: it costs nothing, or the month has enough left and the money is held now.
RESERVE = """
CREATE FUNCTION engines_reserve(
  of_school uuid, charge uuid, decision uuid, user_id uuid, engine text, runs text, model text, task text, purpose text,
  of_month date, currency text, est bigint, usd bigint, at timestamptz, expires timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  IF est > 0 THEN
    UPDATE engines_budget AS budget SET reserved_u = budget.reserved_u + est
    WHERE budget.school_id = of_school AND budget.month = of_month
      AND budget.spent_u + budget.reserved_u + est <= budget.limit_u;
    IF NOT FOUND THEN
      RETURN false;
    END IF;
  END IF;
  INSERT INTO engines_charge (id, school_id, decision_id, user_id, engine, runs, model, task, purpose, month, currency,
    state, est_u, actual_u, usd_u, basis, outcome, created_at, expires_at)
  VALUES (charge, of_school, decision, user_id, engine, runs, model, task, purpose, of_month, currency,
    'held', est, 0, usd, '', '', at, expires);
  RETURN true;
END $$
"""

# Held, or settled by its expiry alone; what was settled or released once stays as it is.
SETTLE = """
CREATE FUNCTION engines_settle(
  of_school uuid, charge uuid, new_state text, actual bigint, usd bigint, new_basis text, new_outcome text,
  used_in integer, used_out integer, took double precision, first integer, at timestamptz, is_chosen boolean
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
  was engines_charge%ROWTYPE;
BEGIN
  SELECT * INTO was FROM engines_charge AS row
  WHERE row.school_id = of_school AND row.id = charge AND (row.state = 'held' OR row.basis = 'expired') FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE engines_charge AS row SET state = new_state, actual_u = actual, usd_u = usd, basis = new_basis,
    outcome = new_outcome, tokens_in = used_in, tokens_out = used_out, seconds = took, first_ms = first,
    settled_at = at
  WHERE row.school_id = of_school AND row.id = charge;
  IF was.est_u > 0 OR actual > 0 THEN
    UPDATE engines_budget AS budget
    SET reserved_u = budget.reserved_u - CASE WHEN was.state = 'held' THEN was.est_u ELSE 0 END,
      spent_u = budget.spent_u + actual - CASE WHEN was.state = 'held' THEN 0 ELSE was.actual_u END
    WHERE budget.school_id = of_school AND budget.month = was.month;
  END IF;
  IF is_chosen THEN
    UPDATE engines_decision AS decision SET chosen = was.engine
    WHERE decision.school_id = of_school AND decision.id = was.decision_id;
  END IF;
  RETURN true;
END $$
"""


class Migration(migrations.Migration):
    """Four functions, none with rights of its own."""

    dependencies = [("engines", "0001_initial")]
    operations = [
        migrations.RunSQL(STANDING, "DROP FUNCTION engines_standing"),
        migrations.RunSQL(DECIDE, "DROP FUNCTION engines_decide"),
        migrations.RunSQL(RESERVE, "DROP FUNCTION engines_reserve"),
        migrations.RunSQL(SETTLE, "DROP FUNCTION engines_settle"),
    ]
