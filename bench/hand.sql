-- The contract's tables for six questions, written by hand for DuckDB over the made caseload as it comes: for each question
-- the row or open point that holds, or the fact to ask for first. No money, no words, and no look at whether a row is sound.
WITH given AS (
  SELECT case_ref, decision_date AS day, age, year_group, setting, ehcp_issued_on AS issued, additional_cost AS cost,
    CASE WHEN plan IS NULL AND ehcp_issued_on IS NOT NULL THEN 'ehcp' ELSE plan END AS plan,
    coalesce(existing_claim, CASE WHEN element3_rate > 0 THEN TRUE
      WHEN element3_rate <= 0 OR plan = 'none' OR additional_cost <= 6000 THEN FALSE END) AS claim,
    element3_rate, community_start, community_protection, adaptation_level, proposed_allocation
  FROM cases
), filled AS (
  SELECT *, CASE WHEN element3_rate IS NULL AND NOT claim THEN 0 ELSE element3_rate END AS rate,
    adaptation_level IN ('sen_support', 'wider_support_and_strategies') AS lower_level
  FROM given
), scoped AS (
  SELECT *, CASE
      WHEN setting IS NULL THEN 'missing setting'
      WHEN setting IN ('pupil_referral_unit', 'alternative_provision', 'hospital_school') THEN 'scope/E5-settings-not-listed'
      WHEN day < DATE '2025-04-01' THEN
        CASE WHEN setting IN ('mainstream', 'srp', 'special') THEN 'scope/state-funded-setting' ELSE 'scope/other-setting' END
      WHEN setting NOT IN ('mainstream', 'srp', 'special') THEN 'scope/setting-not-affected'
      WHEN setting <> 'mainstream' AND day < DATE '2026-09-01' THEN 'scope/srp-or-special-as-before'
      WHEN age IS NULL THEN 'missing age'
      WHEN age < 4 THEN 'scope/below-school-age'
      WHEN age >= 19 THEN 'scope/nineteen-or-over'
      WHEN age BETWEEN 5 AND 15 THEN 'scope/five-to-fifteen'
      WHEN age = 16 AND year_group IS NULL THEN 'scope/sixteen-and-year-not-known'
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
  FROM filled
), placed AS (
  SELECT *,
    scope IN ('scope/state-funded-setting', 'scope/srp-or-special-as-before', 'scope/five-to-fifteen') AS inside,
    scope IN ('scope/other-setting', 'scope/setting-not-affected', 'scope/below-school-age', 'scope/nursery-at-four',
              'scope/past-sixteen-below-sixth-form', 'scope/nineteen-or-over') AS outside,
    CASE scope WHEN 'scope/sixteen-and-year-not-known' THEN 'E3-sixteen-in-both-groups E4-state-sixth-forms' ELSE scope END
      AS scope_open,
    threshold = 'threshold/cost-exceeds' AS exceeded, threshold = 'threshold/cost-within' AS within
  FROM scoped
), routed AS (
  SELECT *, CASE
      WHEN outside THEN 'route/out-of-scope'
      WHEN NOT inside THEN scope_open
      WHEN setting <> 'mainstream' THEN
        CASE WHEN day >= DATE '2026-09-01' THEN 'route/srp-or-special' WHEN setting = 'srp' THEN 'route/srp' ELSE 'route/special' END
      WHEN plan = 'none' AND NOT claim THEN 'route/school-budget'
      WHEN within AND (day < DATE '2026-09-01' OR plan = 'sen_support' OR lower_level) THEN 'route/school-budget'
      WHEN day < DATE '2025-04-01' THEN CASE
        WHEN exceeded AND (plan IS NOT NULL OR claim) THEN 'route/claim'
        WHEN plan IS NULL THEN 'missing plan'
        ELSE threshold
      END
      WHEN day < DATE '2025-09-01' THEN CASE
        WHEN plan = 'ehcp' AND rate > 6000 THEN 'route/existing-rate-above-limit'
        WHEN claim AND (plan = 'sen_support' OR rate <= 6000) THEN
          CASE community_start WHEN '2025-04-01' THEN 'route/B6-early-adopter-existing-claim'
            WHEN '2025-09-01' THEN 'route/existing-claim-until-august' ELSE 'missing community_start' END
        WHEN plan IS NULL THEN 'missing plan'
        WHEN NOT exceeded THEN threshold
        WHEN claim IS NULL THEN 'missing existing_claim'
        WHEN claim THEN 'missing element3_rate'
        ELSE
          CASE community_start WHEN '2025-04-01' THEN 'route/early-adopter-no-claim'
            WHEN '2025-09-01' THEN 'route/B5-between-claims-and-budgets' ELSE 'missing community_start' END
      END
      WHEN exceeded AND plan = 'sen_support' THEN 'route/sen-support'
      WHEN day < DATE '2026-09-01' THEN CASE
        WHEN rate > 0 AND rate < 6000 THEN 'route/rate-below-limit'
        WHEN plan IS NULL THEN 'missing plan'
        WHEN NOT exceeded THEN threshold
        WHEN rate <= 0 THEN 'route/no-allocation'
        WHEN issued IS NULL THEN 'missing ehcp_issued_on'
        WHEN issued >= DATE '2025-09-01' THEN 'route/new-plan'
        WHEN rate IS NULL THEN 'missing element3_rate'
        WHEN issued >= DATE '2025-04-01' THEN
          CASE WHEN rate > 6000 THEN 'route/B5-ehcp-issued-in-summer-2025' ELSE 'route/summer-plan-of-exactly-6000' END
        WHEN rate > 6000 THEN 'route/existing-plan-higher-level'
        ELSE 'route/A1-rate-of-exactly-6000'
      END
      WHEN exceeded AND lower_level AND (plan = 'ehcp' OR claim) THEN 'route/plan-at-community-level'
      WHEN plan = 'ehcp' AND NOT lower_level THEN 'route/plan-above-community-levels'
      WHEN plan IS NULL THEN 'missing plan'
      WHEN adaptation_level IS NULL AND plan = 'ehcp' THEN 'missing adaptation_level'
      ELSE threshold
    END AS route
  FROM placed
), open AS (
  SELECT *,
    route IN ('route/early-adopter-no-claim', 'route/sen-support', 'route/rate-below-limit', 'route/no-allocation', 'route/new-plan',
      'route/plan-at-community-level') AS community,
    route IN ('route/out-of-scope', 'route/srp-or-special', 'route/srp', 'route/special', 'route/school-budget', 'route/claim',
      'route/existing-rate-above-limit', 'route/existing-claim-until-august', 'route/existing-plan-higher-level',
      'route/plan-above-community-levels') AS elsewhere,
    CASE route WHEN 'route/summer-plan-of-exactly-6000' THEN 'B5-ehcp-issued-in-summer-2025 A1-rate-of-exactly-6000' ELSE route END
      AS route_open,
    CASE WHEN proposed_allocation > 6000 THEN 'above' WHEN proposed_allocation IS NOT NULL THEN 'at-or-below'
      ELSE 'proposal-not-known' END AS proposal
  FROM routed
)
SELECT case_ref, scope, threshold, route,
  CASE
    WHEN outside THEN 'protection/out-of-scope'
    WHEN NOT inside THEN scope_open
    WHEN day < DATE '2025-04-01' THEN CASE setting WHEN 'special' THEN 'protection/special-school' ELSE 'protection/no-protection' END
    WHEN day >= DATE '2026-09-01' THEN CASE
      WHEN setting <> 'mainstream' OR route = 'route/plan-above-community-levels' THEN 'protection/G4-protection-on-the-tariff'
      WHEN community OR route = 'route/school-budget' OR plan IN ('sen_support', 'none') OR lower_level THEN 'protection/transition-over'
      ELSE route_open
    END
    WHEN setting = 'special' THEN 'protection/special-school'
    WHEN setting = 'srp' THEN 'protection/srp'
    WHEN NOT claim THEN 'protection/no-existing-claim'
    WHEN day < DATE '2025-09-01' THEN CASE
      WHEN plan = 'ehcp' AND rate > 6000 THEN
        CASE WHEN issued < DATE '2025-04-01' THEN 'protection/existing-rate' ELSE 'protection/existing-rate-of-a-later-plan' END
      WHEN claim AND community_start = '2025-09-01' THEN 'protection/existing-claim'
      ELSE route_open
    END
    WHEN route = 'route/existing-plan-higher-level' THEN 'protection/existing-rate'
    WHEN community AND claim AND community_protection = 'kept' THEN 'protection/existing-claim-protected'
    WHEN community_protection = 'opted_out' AND (community OR plan = 'sen_support' OR rate < 6000 OR issued >= DATE '2025-09-01')
      THEN 'protection/community-opted-out'
    WHEN NOT community THEN route_open
    WHEN claim IS NULL THEN 'missing existing_claim'
    ELSE 'missing community_protection'
  END AS protection,
  CASE
    WHEN outside THEN 'exceptional_need_claim/out-of-scope'
    WHEN NOT inside THEN scope_open
    WHEN setting = 'mainstream' THEN 'exceptional_need_claim/mainstream'
    WHEN day < DATE '2026-09-01' THEN 'exceptional_need_claim/on-average-rate'
    ELSE 'exceptional_need_claim/P-exceptional-need-on-the-tariff'
  END AS exceptional_need_claim,
  CASE
    WHEN day < DATE '2025-04-01' THEN CASE WHEN inside OR outside THEN 'moderation/no-community-budget' ELSE scope_open END
    WHEN elsewhere OR setting IN ('srp', 'special') THEN 'moderation/other-route'
    WHEN setting = 'mainstream' AND (within OR plan = 'none' AND NOT claim
        OR day < DATE '2025-09-01' AND (claim AND community_start = '2025-09-01' OR plan = 'ehcp' AND rate > 6000)
        OR day BETWEEN DATE '2025-09-01' AND DATE '2026-08-31' AND plan = 'ehcp' AND issued < DATE '2025-04-01' AND rate > 6000
        OR day >= DATE '2026-09-01' AND plan = 'ehcp' AND NOT lower_level) THEN 'moderation/other-route'
    WHEN community AND day >= DATE '2026-09-01' THEN 'moderation/G2-moderation-after-the-transition'
    WHEN community AND proposal = 'above' THEN 'moderation/G2-moderation-above-the-trigger'
    WHEN community AND proposal = 'at-or-below' THEN 'moderation/G2-moderation-at-or-below-the-trigger'
    WHEN community THEN 'missing proposed_allocation'
    WHEN inside AND setting = 'mainstream' AND proposal = 'above' AND exceeded AND day < DATE '2025-09-01' THEN CASE
      WHEN plan IS NOT NULL AND NOT claim AND community_start IS NULL THEN 'moderation/start-not-known-above'
      WHEN plan = 'sen_support' AND claim IS NULL AND community_start = '2025-04-01' THEN 'moderation/claim-not-known-above'
      ELSE route_open
    END
    WHEN inside AND setting = 'mainstream' AND proposal = 'above' AND day < DATE '2026-09-01' AND rate = 6000 AND issued IS NULL
      THEN 'moderation/issue-not-known-above'
    ELSE route_open
  END AS moderation
FROM open
