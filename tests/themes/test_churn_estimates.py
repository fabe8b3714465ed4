"""Estimates of leaving in the published warehouse: everybody once, figures only where there are enough leavers."""

import pytest

pytestmark = pytest.mark.slow


def test_everybody_of_a_closed_month_is_scored_once(ask) -> None:
    for mart in ("churn_score", "retention_value"):
        assert ask(f"""select as_of_month, count(*) from mart.{mart} group by 1
            except select as_of_month, count(*) from features.feature_churn_month group by 1""") == []
        assert ask(f"select count(distinct as_of_month) from mart.{mart}")[0] == ask(
            "select count(*) from features.feature_as_of where is_closed")[0]


@pytest.mark.requirement("ANA05")
def test_a_list_of_customers_at_risk_says_why_or_that_there_are_too_few_leavers_to_tell(ask) -> None:
    events = dict(ask("""select as_of_month, max(n_events) from mart.churn_score group by 1"""))
    least = 50
    for month, count in events.items():
        (alerts, explained, figures), = ask(f"""select count(*) filter (where is_alert),
                count(*) filter (where is_alert and reason_family_1 is not null), count(estimate)
            from mart.churn_score where as_of_month = '{month}'""")
        said = ask(f"""select detail_text from mart.churn_model_card
            where as_of_month = '{month}' and section_code = 'training' and item_code = 'status'""")
        if count < least:
            assert (alerts, figures) == (0, 0) and said == [("low_n",)]
        elif said == [("ok",)]:
            assert alerts > 0 and explained > 0.9 * alerts


def test_an_outcome_stands_beside_its_score_once_its_month_is_over(ask) -> None:
    assert ask("""select count(*) from mart.churn_score as scores
        full outer join features.feature_churn_label as labels using (subscription_id, as_of_month)
        where scores.is_left is distinct from labels.is_left""") == [(0,)]
    assert ask("select count(*) from mart.churn_score where is_left and left_kind_code is null") == [(0,)]
