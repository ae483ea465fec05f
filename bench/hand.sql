-- The contract's tables for six questions, written by hand for DuckDB over the caseload as it comes: for each question the
-- rule or open point that holds, or the fact that is missing. No money, no digest, and no look at whether a row is sound.
WITH given AS (
  SELECT case_ref, decision_date AS day, age, year_group, setting, plan, ehcp_issued_on AS issued, additional_cost AS cost,
    CASE WHEN element3_rate IS NULL AND NOT existing_claim THEN 0 ELSE element3_rate END AS rate,
    CASE WHEN existing_claim IS NULL AND element3_rate > 0 THEN TRUE ELSE existing_claim END AS claim,
    community_start, community_protection, adaptation_level, proposed_allocation
  FROM cases
), scoped AS (
  SELECT *, CASE
      WHEN setting IS NULL THEN 'missing setting'
      WHEN setting IN ('pupil_referral_unit', 'alternative_provision', 'hospital_school') THEN 'scope/E5-settings-not-listed'
      WHEN day < DATE '2025-04-01' THEN
        CASE WHEN setting IN ('mainstream', 'srp', 'special') THEN 'scope/state-funded-setting' ELSE 'scope/other-setting' END
      WHEN setting NOT IN ('mainstream', 'srp', 'special') THEN 'scope/setting-not-affected'
      WHEN age IS NULL THEN 'missing age'
      WHEN age < 4 THEN 'scope/below-school-age'
      WHEN age >= 19 THEN 'scope/nineteen-or-over'
      WHEN age BETWEEN 5 AND 15 THEN 'scope/five-to-fifteen'
      WHEN year_group IS NULL THEN 'missing year_group'
      WHEN age = 4 THEN CASE WHEN year_group < 0 THEN 'scope/nursery-at-four' ELSE 'scope/E2-reception-at-four' END
      WHEN year_group >= 12 THEN 'scope/E4-state-sixth-forms'
      WHEN age = 16 THEN 'scope/E3-sixteen-in-both-groups'
      ELSE 'scope/past-sixteen-below-sixth-form'
    END AS scope,
    CASE
      WHEN cost > 6000 OR rate > 0 OR claim THEN 'threshold/cost-exceeds'
      WHEN cost IS NULL THEN 'missing additional_cost'
      ELSE 'threshold/cost-within'
    END AS threshold
  FROM given
), decided AS (
  SELECT *,
    scope IN ('scope/state-funded-setting', 'scope/five-to-fifteen') AS inside,
    scope IN ('scope/other-setting', 'scope/setting-not-affected', 'scope/below-school-age', 'scope/nursery-at-four',
              'scope/past-sixteen-below-sixth-form', 'scope/nineteen-or-over') AS outside
  FROM scoped
), routed AS (
  SELECT *, CASE
      WHEN outside THEN 'route/out-of-scope'
      WHEN NOT inside THEN scope
      WHEN setting <> 'mainstream' THEN
        CASE WHEN day >= DATE '2026-09-01' THEN 'route/srp-or-special' WHEN setting = 'srp' THEN 'route/srp' ELSE 'route/special' END
      WHEN threshold = 'threshold/cost-within' THEN 'route/within-school-budget'
      WHEN threshold = 'missing additional_cost' THEN threshold
      WHEN day < DATE '2025-04-01' THEN 'route/claim'
      WHEN day < DATE '2025-09-01' THEN CASE
        WHEN NOT claim THEN
          CASE community_start WHEN '2025-04-01' THEN 'route/early-adopter-no-claim'
            WHEN '2025-09-01' THEN 'route/B5-between-claims-and-budgets' ELSE 'missing community_start' END
        WHEN plan IS NULL AND (rate IS NULL OR rate > 6000) THEN 'missing plan'
        WHEN claim IS NULL THEN 'missing existing_claim'
        WHEN plan = 'ehcp' AND rate IS NULL THEN 'missing element3_rate'
        WHEN plan = 'ehcp' AND rate > 6000 THEN 'route/existing-rate-above-limit'
        ELSE
          CASE community_start WHEN '2025-04-01' THEN 'route/B6-early-adopter-existing-claim'
            WHEN '2025-09-01' THEN 'route/existing-claim-until-august' ELSE 'missing community_start' END
      END
      WHEN plan IS NULL THEN 'missing plan'
      WHEN plan = 'sen_support' THEN 'route/sen-support'
      WHEN day < DATE '2026-09-01' THEN CASE
        WHEN issued IS NULL THEN 'missing ehcp_issued_on'
        WHEN issued >= DATE '2025-09-01' THEN 'route/new-plan'
        WHEN issued >= DATE '2025-04-01' THEN 'route/B5-ehcp-issued-in-summer-2025'
        WHEN rate IS NULL THEN 'missing element3_rate'
        WHEN rate < 6000 THEN 'route/existing-plan-lower-level'
        WHEN rate > 6000 THEN 'route/existing-plan-higher-level'
        ELSE 'route/A1-rate-of-exactly-6000'
      END
      WHEN adaptation_level IS NULL THEN 'missing adaptation_level'
      WHEN adaptation_level IN ('sen_support', 'wider_support_and_strategies') THEN 'route/plan-at-community-level'
      ELSE 'route/plan-above-community-levels'
    END AS route
  FROM decided
), open AS (
  SELECT *,
    starts_with(route, 'missing') OR starts_with(route, 'scope/') OR route IN ('route/B5-between-claims-and-budgets',
      'route/B6-early-adopter-existing-claim', 'route/B5-ehcp-issued-in-summer-2025', 'route/A1-rate-of-exactly-6000') AS unsettled,
    route IN ('route/early-adopter-no-claim', 'route/sen-support', 'route/new-plan', 'route/existing-plan-lower-level',
      'route/plan-at-community-level') AS community
  FROM routed
)
SELECT case_ref, scope, threshold, route,
  CASE
    WHEN outside THEN 'protection/out-of-scope'
    WHEN unsettled THEN route
    WHEN day < DATE '2025-04-01' THEN 'protection/no-protection'
    WHEN day >= DATE '2026-09-01' THEN
      CASE WHEN setting = 'mainstream' THEN 'protection/mainstream' ELSE 'protection/G4-srp-and-special-protection' END
    WHEN route IN ('route/existing-rate-above-limit', 'route/existing-plan-higher-level') THEN 'protection/existing-rate'
    WHEN NOT community OR day < DATE '2025-09-01' THEN 'protection/other-route'
    WHEN claim IS NULL THEN 'missing existing_claim'
    WHEN NOT claim THEN 'protection/no-existing-claim'
    ELSE
      CASE community_protection WHEN 'kept' THEN 'protection/existing-claim-protected'
        WHEN 'opted_out' THEN 'protection/community-opted-out' ELSE 'missing community_protection' END
  END AS protection,
  CASE
    WHEN outside THEN 'exceptional_need_claim/out-of-scope'
    WHEN NOT inside THEN scope
    WHEN setting = 'mainstream' THEN 'exceptional_need_claim/mainstream'
    WHEN day < DATE '2026-09-01' THEN 'exceptional_need_claim/on-average-rate'
    ELSE 'exceptional_need_claim/P-exceptional-need-on-the-tariff'
  END AS exceptional_need_claim,
  CASE
    WHEN unsettled THEN route
    WHEN day < DATE '2025-04-01' THEN 'moderation/no-community-budget'
    WHEN NOT community THEN 'moderation/other-route'
    WHEN proposed_allocation IS NULL THEN 'missing proposed_allocation'
    WHEN proposed_allocation > 6000 THEN 'moderation/G2-moderation-above-the-trigger'
    ELSE 'moderation/G2-moderation-at-or-below-the-trigger'
  END AS moderation
FROM open
